/** What a tab shows: told apart by shape as well as by colour. */
const SHAPES = {
    good: `<circle cx='8' cy='8' r='7' fill='#2da44e'/>`,
    warn: `<path d='M8 1 15 15H1z' fill='#d4a017'/>`,
    bad: `<path d='M5 1h6l4 4v6l-4 4H5l-4-4V5z' fill='#d1242f'/><path d='M7 4h2v5H7zM7 10.5h2v2H7z' fill='#fff'/>`,
    off: `<circle cx='8' cy='8' r='5.5' fill='none' stroke='#8c959f' stroke-width='3'/>`,
};
/** An icon as the address of an image, so that none is asked for. */
export function iconOf(tone) {
    const svg = `<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'>${SHAPES[tone]}</svg>`;
    return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}
