import { Document, isNode, isPair, YAMLMap } from 'yaml';
/** A YAML document under a heading of comment lines. The same content gives the same text, key order included. */
export function yamlFile(heading, content, comments = []) {
    // No anchors: two rules may share a list in memory, and a reader should not have to follow that.
    const document = new Document(content, { aliasDuplicateObjects: false });
    document.commentBefore = heading.map((line) => ` ${line}`).join('\n');
    for (const { path, comment } of comments)
        setComment(document, path, comment);
    return document.toString({ lineWidth: 0 });
}
function setComment(document, path, comment) {
    const text = comment.replaceAll(/^/gm, ' ');
    const key = path.at(-1);
    const parent = document.getIn(path.slice(0, -1), true);
    const pair = parent instanceof YAMLMap ? parent.items.find((item) => isPair(item) && String(item.key) === key) : null;
    // In a map the comment belongs to the key: on the value it would come between the two.
    const node = pair ? pair.key : document.getIn(path, true);
    if (!isNode(node))
        throw new TypeError(`there is nothing to comment at ${path.join('.')}`);
    node.commentBefore = text;
}
