// What was sent and what came back, by the sender's clock.

/** Numbers under way are told apart by their lower bits: far more than the window, so that a late one is not overtaken. */
const PLACES = 1 << 16;
/** Latencies are counted in steps of this, up to {@link LATENCY_MAX_MS}: the memory stays the same however many come. */
const STEP_MS = 0.02;
const LATENCY_MAX_MS = 20_000;

export class Ledger {
  #sentAt = new Float64Array(PLACES);
  #numbers = new Float64Array(PLACES);
  #latencies = new Uint32Array(LATENCY_MAX_MS / STEP_MS + 1);
  #measuredCount = 0;
  #isMeasuring = false;
  #beganAt = 0;
  sentCount = 0;
  ackedCount = 0;

  get openCount() {
    return this.sentCount - this.ackedCount;
  }

  /** @throws Error if an event is still open that was sent 65,536 events ago. */
  sent(number, now) {
    const place = number % PLACES;
    if (this.#numbers[place] !== 0)
      throw new Error(`event ${this.#numbers[place]} is unacknowledged at event ${number}`);
    this.#numbers[place] = number;
    this.#sentAt[place] = now;
    this.sentCount += 1;
  }

  /** @throws Error for the ack of an event that is not open: it was never sent, or was acknowledged before. */
  acked(number, now) {
    const place = number % PLACES;
    if (this.#numbers[place] !== number) throw new Error(`an ack for event ${number}, which is not open`);
    this.#numbers[place] = 0;
    this.ackedCount += 1;
    if (!this.#isMeasuring) return;
    this.#measuredCount += 1;
    this.#latencies[Math.min(this.#latencies.length - 1, Math.round((now - this.#sentAt[place]) / STEP_MS))] += 1;
  }

  begin(now) {
    this.#beganAt = now;
    this.#isMeasuring = true;
  }

  /** What was acknowledged since {@link begin}. */
  end(now) {
    this.#isMeasuring = false;
    return {
      eventsPerSecond: this.#measuredCount / ((now - this.#beganAt) / 1_000),
      ackP50Ms: this.#latencyAt(0.5),
      ackP99Ms: this.#latencyAt(0.99),
    };
  }

  #latencyAt(share) {
    let left = Math.ceil(this.#measuredCount * share);
    const step = this.#latencies.findIndex((count) => {
      left -= count;
      return left <= 0;
    });
    return step * STEP_MS;
  }
}
