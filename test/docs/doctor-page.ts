import { CHECKS, SECTIONS, type Section } from '../../src/doctor/index.js';
import { table } from './support/root.js';

const TITLES: Readonly<Record<Section, string>> = {
  daemon: 'The daemon',
  app: 'Each app',
  monitoring: 'Who watches over them',
};

interface Row {
  readonly section: Section;
  readonly asks: string;
  readonly means: string;
  readonly todo: string;
  readonly needs: readonly string[];
}

/** The parts of docs/doctor.md that are written by the code. */
export function doctorParts(): Readonly<Record<string, string>> {
  return { checks: SECTIONS.map((section) => `### ${TITLES[section]}\n\n${checkTable(section)}`).join('\n\n') };
}

function checkTable(section: Section): string {
  const rows = (Object.entries(CHECKS) as [string, Row][]).filter(([, row]) => row.section === section);
  return table(
    ['check', 'asks', 'its failure means', 'what to do', 'needs'],
    rows.map(([name, { asks, means, todo, needs }]) => [`\`${name}\``, asks, means, todo, needs.join(', ')]),
  );
}
