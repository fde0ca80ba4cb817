import { rootCertificates } from 'node:tls';
// Real chains have two to four; what a stranger presents may be anything.
const LONGEST_CHAIN = 8;
const MOST_NAMES = 20;
/** From the server's own certificate to the authority's, as far as OpenSSL could tell. */
export function chainOf(leaf) {
    return linksOf(leaf).map(({ subject, issuer, valid_from, valid_to }) => ({
        subject: nameOf(subject),
        issuer: nameOf(issuer),
        validFrom: Date.parse(valid_from),
        validTo: Date.parse(valid_to),
    }));
}
/** Whether its authority is among those that come with Node; null if the chain does not lead to an authority. */
export function isPublicChain(leaf) {
    const last = linksOf(leaf).at(-1);
    if (last === undefined || nameOf(last.subject) !== nameOf(last.issuer))
        return null;
    return publicAuthorities().has(last.raw.toString('base64'));
}
/** The host names and addresses that it is for. */
export function namesIn({ subjectaltname = '' }) {
    return [...subjectaltname.matchAll(/(?:DNS|IP Address):([^,]+)/g)].map(([, name]) => name ?? '').slice(0, MOST_NAMES);
}
function linksOf(leaf) {
    const links = [];
    // Without a certificate Node gives an object without fields; an authority's own issuer is itself.
    for (let each = leaf; each?.raw !== undefined && links.length < LONGEST_CHAIN; each = each.issuerCertificate) {
        if (links.includes(each))
            break;
        links.push(each);
    }
    return links;
}
function nameOf(name) {
    const { CN, O, OU } = name ?? {};
    const [first = 'without a name'] = [CN ?? O ?? OU].flat().filter((each) => each !== undefined);
    return first;
}
function publicAuthorities() {
    return new Set(rootCertificates.map((pem) => pem.replace(/-----[A-Z ]+-----|\s/g, '')));
}
