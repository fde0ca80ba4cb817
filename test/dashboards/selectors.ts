import type { SyntaxNode } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';

/** One selector of an expression, and what stands around it. */
export interface Selector {
  readonly name: string;
  /** `label`, operator and value: `job=~".+"`. */
  readonly matchers: readonly string[];
  /** The range, `1m`, or null for an instant selector. */
  readonly range: string | null;
  /** The function that is called on the range, or null. */
  readonly calledBy: string | null;
}

/**
 * The selectors of a PromQL expression.
 * @throws SyntaxError if it does not parse.
 */
export function selectorsOf(expr: string): Selector[] {
  const found: Selector[] = [];
  const text = (node: SyntaxNode | null | undefined) => (node ? expr.slice(node.from, node.to) : '');
  parser.parse(expr).iterate({
    enter: ({ node, type }) => {
      if (type.isError) throw new SyntaxError(`at ${node.from}: ${expr}`);
      if (type.name !== 'VectorSelector') return;
      const range = node.parent?.name === 'MatrixSelector' ? node.parent : null;
      const call = climb(node, 'FunctionCall');
      found.push({
        name: text(node.getChild('Identifier')),
        matchers: (node.getChild('LabelMatchers')?.getChildren('UnquotedLabelMatcher') ?? []).map(text),
        range: range === null ? null : text(range).replace(/^.*\[(.*)\]$/s, '$1'),
        calledBy: range === null || call === null ? null : text(call.getChild('FunctionIdentifier')),
      });
    },
  });
  return found;
}

function climb(from: SyntaxNode, name: string): SyntaxNode | null {
  for (let node = from.parent; node !== null; node = node.parent) if (node.name === name) return node;
  return null;
}
