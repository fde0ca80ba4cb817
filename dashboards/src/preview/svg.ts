/** Grafana's dark theme, as far as a preview needs it. */
export const THEME = {
  canvas: '#111217',
  panel: '#181b1f',
  border: '#2a2c32',
  grid: '#25272c',
  text: '#ccccdc',
  faint: '#8e8ea0',
  font: 'Inter, Helvetica, Arial, sans-serif',
} as const;

const NAMED: Readonly<Record<string, string>> = {
  green: '#73bf69',
  orange: '#ff9830',
  red: '#f2495c',
  'dark-red': '#ad0317',
  blue: '#5794f2',
  'light-blue': '#8ab8ff',
  'dark-blue': '#1f60c4',
  yellow: '#fade2a',
  purple: '#b877d9',
};

/** Series without a colour of their own, in the order of their names. */
const PALETTE = [
  '#73bf69',
  '#f2cc0c',
  '#8ab8ff',
  '#ff780a',
  '#b877d9',
  '#5794f2',
  '#96d98d',
  '#ffb357',
  '#37872d',
  '#ca95e5',
];

/** A colour name of Grafana as SVG reads it. */
export function colorOf(name: string): string {
  return NAMED[name] ?? name;
}

export function paletteColor(index: number): string {
  return PALETTE[index % PALETTE.length] ?? THEME.text;
}

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

export function inset({ x, y, w, h }: Box, by: number): Box {
  return { x: x + by, y: y + by, w: w - 2 * by, h: h - 2 * by };
}

type Attributes = Readonly<Record<string, string | number | undefined>>;

/** An element; attributes that are undefined are left out. */
export function element(name: string, attributes: Attributes, ...children: readonly string[]): string {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${typeof value === 'number' ? round(value) : escaped(value ?? '')}"`)
    .join('');
  return children.length === 0 ? `<${name}${written}/>` : `<${name}${written}>${children.join('')}</${name}>`;
}

export function rect(box: Box, fill: string, more: Attributes = {}): string {
  return element('rect', { x: box.x, y: box.y, width: Math.max(box.w, 0), height: Math.max(box.h, 0), fill, ...more });
}

export function line(x1: number, y1: number, x2: number, y2: number, stroke: string, more: Attributes = {}): string {
  return element('line', { x1, y1, x2, y2, stroke, ...more });
}

export interface TextStyle {
  readonly size?: number;
  readonly color?: string;
  readonly anchor?: 'start' | 'middle' | 'end';
  readonly weight?: number;
  /** Shortened to this width in pixels, with an ellipsis. */
  readonly maxWidth?: number;
}

/** A line of text whose baseline is at `y`. */
export function text(x: number, y: number, content: string, style: TextStyle = {}): string {
  const { size = 12, color = THEME.text, anchor, weight, maxWidth } = style;
  const shown = maxWidth === undefined ? content : shorten(content, maxWidth, size);
  return element(
    'text',
    { x, y, fill: color, 'font-size': size, 'text-anchor': anchor, 'font-weight': weight },
    escaped(shown),
  );
}

/** About how wide a text is: good to a few percent for Latin text in a grotesque. */
export function widthOf(content: string, size: number): number {
  let ems = 0;
  for (const char of content) ems += /[ijl.,:;|'!()[\]tf ]/.test(char) ? 0.32 : /[A-Zmw%]/.test(char) ? 0.72 : 0.57;
  return ems * size;
}

function shorten(content: string, maxWidth: number, size: number): string {
  if (widthOf(content, size) <= maxWidth) return content;
  let kept = content;
  while (kept !== '' && widthOf(`${kept}…`, size) > maxWidth) kept = kept.slice(0, -1);
  return kept === '' ? '' : `${kept.trimEnd()}…`;
}

/** Black or white, whichever is read better on the colour. */
export function inkOn(color: string): string {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16));
  return 0.299 * r + 0.587 * g + 0.114 * b > 150 ? '#111217' : '#ffffff';
}

function round(value: number): string {
  return String(Math.round(value * 100) / 100);
}

function escaped(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
