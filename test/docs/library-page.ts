import { entriesOf, type Member, membersOf, type Property, propertiesOf } from './support/docstrings.js';
import { table } from './support/root.js';

/** The parts of docs/library.md that are written by the code. */
export function libraryParts(): Readonly<Record<string, string>> {
  return {
    connector: memberTable(membersOf('src/connector.ts', 'Connector')),
    event: propertyTable(propertiesOf('src/delivery/event.ts', 'FeishuEvent')),
    context: propertyTable(propertiesOf('src/delivery/event.ts', 'HandlerContext')),
    told: eventTable(),
    letters: memberTable(membersOf('src/delivery/dead-letters.ts', 'DeadLetters')),
  };
}

function memberTable(members: readonly Member[]): string {
  return table(
    ['', 'gives', 'meaning'],
    members.map(({ call, gives, meaning }) => [`\`${call}\``, `\`${gives}\``, meaning]),
  );
}

function propertyTable(properties: readonly Property[]): string {
  return table(
    ['', 'type', 'meaning'],
    properties.map(({ path, type, meaning }) => [`\`${path}\``, `\`${type}\``, meaning]),
  );
}

function eventTable(): string {
  const entries = entriesOf('src/connector-events.ts', 'ConnectorEvents');
  return table(
    ['name', 'told when'],
    entries.map(({ path, meaning }) => [`\`${path}\``, meaning]),
  );
}
