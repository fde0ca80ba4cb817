const VERSION = /^v\d+$/;
/** What names of resources and actions look like: `messages`, `access_records`, `batch-update`. Ids look otherwise. */
const NAME = /^[a-z]+(?:[_-][a-z]+)*$/;
const LONGEST_NAME = 40;
/**
 * The path of a call as its template: without host, prefix and query, ids replaced by `:id`, such as
 * `/open-apis/im/v1/messages/:id/reply`. An id that a tenant has chosen to look like a word stays.
 */
export function routeOf(url) {
    const path = url.replace(/[?#].*$/s, '').replace(/^[a-z]+:\/\/[^/]*/i, '');
    const parts = path
        .slice(Math.max(0, path.indexOf('/open-apis/')))
        .split('/')
        .filter((part) => part !== '');
    return `/${parts.map(templated).join('/')}`;
}
function templated(part) {
    const isName = VERSION.test(part) || (part.length <= LONGEST_NAME && NAME.test(part));
    return isName ? part : ':id';
}
