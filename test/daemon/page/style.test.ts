import { expect, test } from 'vitest';
import { STYLE } from '../../../src/daemon/page/style.js';

/** Each variable of the style sheet in both themes. */
const [light = {}, dark = {}] = [...STYLE.matchAll(/:root \{([^}]*)\}/g)].map(([, block = '']) =>
  Object.fromEntries([...block.matchAll(/--([\w-]+): (#[0-9a-f]{6})/g)].map(([, name, colour]) => [name, colour])),
) as Record<string, string>[];
const THEMES = { light, dark: { ...light, ...dark } };

/** @see WCAG 2.2, relative luminance and contrast ratio */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5]
    .map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [dim = 0, bright = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (bright + 0.05) / (dim + 0.05);
}

test.each(Object.entries(THEMES))('in the %s theme every text can be read where it stands', (_theme, colours) => {
  const of = (name: string) => colours[name] ?? 'none';
  const texts = [
    ...['ground', 'card', 'button'].flatMap((ground) => ['text', 'faint', 'link'].map((text) => [text, ground])),
    ...['good', 'warn', 'bad', 'off'].flatMap((tone) => [
      [tone, `${tone}-ground`],
      [tone, 'card'],
    ]),
    ['faint', 'off-ground'],
  ] as const;
  const poor = texts.filter(([text = '', ground = '']) => contrast(of(text), of(ground)) < 4.5);
  expect(poor).toEqual([]);
});

test.each(Object.entries(THEMES))('in the %s theme a page without its daemon can still be read', (_theme, colours) => {
  const [, rule = ''] = /\[data-link=lost\] #page \{([^}]*)\}/.exec(STYLE) ?? [];
  expect(rule).toContain('grayscale(1)');
  expect(rule).not.toContain('opacity');
  const grey = (name: string) => greyOf(colours[name] ?? 'none');
  const texts = ['text', 'faint', 'off'].flatMap((text) =>
    ['ground', 'card', 'off-ground'].map((ground) => [text, ground] as const),
  );
  const own = ['good', 'warn', 'bad'].flatMap((tone) => [[tone, `${tone}-ground`] as const, [tone, 'card'] as const]);
  expect([...texts, ...own].filter(([text, ground]) => contrast(grey(text), grey(ground)) < 4.5)).toEqual([]);
});

/** @see Filter Effects, grayscale(1) */
function greyOf(colour: string): string {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
  const level = Math.round(0.2126 * red + 0.7152 * green + 0.0722 * blue);
  return `#${level.toString(16).padStart(2, '0').repeat(3)}`;
}

test.each(Object.entries(THEMES))('in the %s theme every bar is told from what it stands on', (_theme, colours) => {
  const bars = ['connected', 'suspect', 'disconnected', 'stopped', 'absent'].map((name) => `is-${name}`);
  const poor = [...bars, 'spark'].filter((bar) => contrast(colours[bar] ?? 'none', colours.card ?? 'none') < 3);
  expect(poor).toEqual([]);
});

test('there are two themes, and whoever prefers one gets it', () => {
  expect(Object.keys(light).sort()).toEqual(Object.keys(dark).sort());
  expect(STYLE).toContain('@media (prefers-color-scheme: dark)');
});
