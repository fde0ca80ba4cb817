/** Colours of a terminal, by their number. */
export const RED = 31;
export const GREEN = 32;
export const YELLOW = 33;
export const BOLD = 1;
export const FAINT = 2;

/** A text in a colour, where there are colours. */
export type Paint = (colour: number, text: string) => string;

export function paintWith(isColoured: boolean): Paint {
  return (colour, text) => (isColoured ? `\u001b[${colour}m${text}\u001b[0m` : text);
}
