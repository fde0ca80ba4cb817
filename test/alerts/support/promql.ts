import type { SyntaxNode } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';

/** The words of others that an expression uses. */
export interface Vocabulary {
  /** Each selector: its metric and the labels it matches on. */
  readonly selectors: readonly { readonly metric: string; readonly labels: readonly string[] }[];
  /** The labels after `by`, `without`, `on` and `ignoring`. */
  readonly groupings: readonly string[];
}

/**
 * What an expression refers to.
 * @throws SyntaxError if it does not parse.
 */
export function vocabularyOf(expr: string): Vocabulary {
  const text = (node: SyntaxNode | null) => (node === null ? '' : expr.slice(node.from, node.to));
  const selectors: { metric: string; labels: string[] }[] = [];
  const groupings: string[] = [];
  parser.parse(expr).iterate({
    enter: ({ node, type }) => {
      if (type.isError) throw new SyntaxError(`at ${node.from}: ${expr}`);
      if (type.name === 'VectorSelector') {
        const matchers = node.getChild('LabelMatchers')?.getChildren('UnquotedLabelMatcher') ?? [];
        const labels = matchers.map((matcher) => text(matcher.getChild('LabelName')));
        selectors.push({ metric: text(node.getChild('Identifier')), labels });
      }
      if (type.name === 'GroupingLabels') groupings.push(...node.getChildren('LabelName').map(text));
    },
  });
  return { selectors, groupings };
}
