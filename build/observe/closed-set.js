/** The label of events nobody registered for: their types come from the platform, so their number has no bound. */
export const OTHER = 'other';
/** Maps a value to itself if it is registered, else to {@link OTHER}: how an open set becomes a label. */
export function closedSet(registered) {
    const known = new Set([...registered, OTHER]);
    known.delete('*'); // the handler for all other types; no event has this one
    return { values: [...known], of: (value) => (known.has(value) ? value : OTHER) };
}
