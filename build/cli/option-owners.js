import { everyNode } from './completion/tree.js';
/** The commands that have an option, in the order of `--help`; none for one that all of them have. */
export function ownersOf(flag, tree) {
    const nodes = everyNode(tree).filter(({ path }) => path.length > 0);
    const owners = nodes.filter(({ options }) => options.some(({ long }) => long !== null && `--${long}` === flag));
    return owners.length === nodes.length ? [] : owners.map(({ path }) => path.join(' '));
}
