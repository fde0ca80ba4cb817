/** A piece of HTML that is safe to send: made of our own text, with everything foreign in it escaped. */
export class Markup {
  readonly #text: string;

  private constructor(text: string) {
    this.#text = text;
  }

  /** For text of our own alone: a style sheet, a script. */
  static trusted(text: string): Markup {
    return new Markup(text);
  }

  toString(): string {
    return this.#text;
  }
}

/** What may stand in a template: nothing for null, all its parts for a list. */
export type Shown = string | number | null | Markup | readonly Shown[];

/**
 * A template whose values are escaped, unless they are {@link Markup} themselves. Values may stand in text and between
 * the double quotes of an attribute, nowhere else: not in tag or attribute names, scripts or styles.
 */
export function html(parts: TemplateStringsArray, ...values: readonly Shown[]): Markup {
  return Markup.trusted(parts.reduce((whole, part, index) => whole + text(values[index - 1] ?? null) + part));
}

function text(value: Shown): string {
  if (value === null) return '';
  if (value instanceof Markup) return value.toString();
  if (typeof value === 'object') return value.map(text).join('');
  return escapeHtml(String(value));
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeHtml(foreign: string): string {
  return foreign.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? '');
}
