/**
 * A seeded {@link Random}: the same seed gives the same draws on every machine.
 * @param seed Any number; its lower 32 bits count.
 * @see mulberry32 by Tommy Ettinger (public domain): 32 bits of state are plenty for jitter, and it is fast.
 */
export function seededRandom(seed) {
    let state = seed >>> 0;
    return () => {
        state = (state + 0x6d2b79f5) >>> 0;
        let mixed = state;
        mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
        mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
        return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
    };
}
