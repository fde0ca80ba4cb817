import { pino } from 'pino';
import { createConnector } from '../connector.js';
import { DEFAULT_APP, inMemoryFace, Platform, VirtualClock } from '../simulator/index.js';
import { Border } from './border.js';
import { Chronicle, virtualTime } from './chronicle.js';
import { Crew } from './crew.js';
import { Crowd } from './crowd.js';
import { Dice, streamOf } from './dice.js';
import { HARMS } from './fault-deck.js';
import { Host } from './host.js';
import { INVARIANT_NAMES, INVARIANTS } from './invariants.js';
import { LIMITS } from './limits.js';
import { PROFILES } from './profile.js';
import { Tally } from './tally.js';
import { Weather } from './weather.js';
import { Witness } from './witness.js';
const DAY_MS = 86_400_000;
/** Things that no report tells of are looked at this often. */
const LOOK_MS = 600_000;
/** Between two looks where nothing happened but heartbeats, and no limit runs out sooner. */
const REST_MS = 60_000;
const NEXT_ATTEMPT = 'feishu_ws_next_attempt_timestamp_seconds';
const QUIET = new Set(['heartbeat_sent', 'heartbeat_answered', 'frame', 'pending', 'looked']);
/**
 * The whole connector, token keeper and delivery included, against the in-memory platform in virtual time, under a
 * weather of faults that the seed draws, with every invariant checked after every step in which something happened. The
 * same seed is the same run, to the byte of the result.
 * @throws RangeError for days that are no positive number.
 */
export async function runSimulation(options) {
    const { days, signal, onProgress } = options;
    if (!(days > 0 && days <= 100_000))
        throw new RangeError(`days must be above 0 and at most 100000, got ${days}`);
    const simulation = new Simulation(options);
    await simulation.run(days, () => signal?.aborted === true, onProgress);
    return simulation.result;
}
class Simulation {
    #seed;
    #connections;
    #profile;
    #clock = new VirtualClock({ timersPerTurn: 64 });
    #platform;
    #border;
    #crew;
    #subject;
    #witness;
    #weather;
    #crowd;
    #host;
    #chronicle = new Chronicle();
    #tally = new Tally();
    #life = {
        phase: 'stopped',
        since: 0,
        dueAt: 0,
        stopAskedAt: Number.NEGATIVE_INFINITY,
        startedAt: 0,
    };
    #linkMs;
    #isDirty = true;
    #isReadingDue = false;
    #lookAt = 0;
    #checks = 0;
    #violation = null;
    #isInterrupted = false;
    #bug = null;
    constructor({ seed, faults = PROFILES.mixed, connections = 1, connector = createConnector }) {
        this.#seed = seed >>> 0;
        this.#connections = connections;
        this.#profile = faults;
        const dice = (name) => new Dice(streamOf(this.#seed, name));
        const clock = this.#clock;
        this.#platform = new Platform({ clock, random: streamOf(this.#seed, 'platform'), maxEvents: 5_000 });
        const { latencyMs, jitterMs } = faults.link;
        this.#linkMs = latencyMs + jitterMs;
        const link = streamOf(this.#seed, 'link');
        // Most messages take next to nothing longer, a few take seconds: a segment that was lost and sent again.
        const face = inMemoryFace(this.#platform, { latencyMs, jitterMs, random: () => link() ** 20 });
        const touched = () => {
            this.#isDirty = true;
        };
        this.#border = new Border(clock, face, touched);
        this.#crew = new Crew(clock, dice('crew'), faults.isHandlerMoody, 3 * LIMITS.memoryMs, touched);
        const { clock: ourClock, http, dial, reach } = this.#border;
        this.#subject = connector({
            ...DEFAULT_APP,
            app: 'simulated',
            connections,
            domain: 'http://platform.invalid',
            handlers: {
                'im.message.receive_v1': this.#crew.handle,
                'card.action.trigger': this.#crew.handle,
                message: this.#crew.handle,
            },
            logger: pino({ level: 'silent' }),
            // What is asked besides is looked at in tests of its own: here every call is accounted for.
            catchup: false,
            seams: { clock: ourClock, random: streamOf(this.#seed, 'connector'), http, dial, reach },
        });
        this.#witness = new Witness({
            platform: this.#platform,
            border: this.#border,
            crew: this.#crew,
            life: this.#life,
            linkMs: this.#linkMs,
            status: () => this.#subject.status(),
        });
        this.#weather = new Weather(this.#platform, faults, dice('weather'));
        this.#crowd = new Crowd(this.#platform, faults.eventsPerDay, dice('crowd'), (event) => this.#witness.sent(event));
        this.#host = faults.hostTroubleMs === null ? null : this.#hostOf(faults.hostTroubleMs, dice('host'));
        this.#follow();
    }
    /** Runs until the days are over, `isOver` says so, or an invariant does not hold. */
    async run(days, isOver, onProgress) {
        const endAt = days * DAY_MS;
        let told = 0;
        this.#weather.start();
        this.#crowd.start();
        this.#host?.start();
        this.#start();
        while (this.#clock.now() < endAt && this.#violation === null && !this.#isInterrupted) {
            await this.#clock.runUntil(() => this.#step(), Math.min(LOOK_MS, endAt - this.#clock.now()));
            if (this.#bug !== null)
                throw this.#bug;
            await this.#lookClosely();
            if (this.#clock.now() >= told + DAY_MS) {
                told += DAY_MS;
                onProgress?.(this.#clock.now() / DAY_MS);
                this.#isInterrupted = isOver();
            }
        }
        await this.#end();
    }
    get result() {
        const { ledger } = this.#platform;
        const { total, acknowledged, exhausted, timed_out: timedOut, pending } = ledger.summary;
        const { calls } = this.#border;
        const { redelivered, ...tally } = this.#tally.counts;
        return {
            seed: this.#seed,
            profile: this.#profile.name,
            days: Math.round((this.#clock.now() / DAY_MS) * 1_000) / 1_000,
            isInterrupted: this.#isInterrupted,
            violation: this.#violation,
            events: {
                sent: total,
                acknowledged,
                handled: this.#crew.handledCount,
                redelivered,
                exhausted,
                timedOut,
                pending,
                handlerFailures: this.#crew.failedCount,
            },
            ...tally,
            peaks: {
                discovery: calls.discovery.peaks,
                token: calls.token.peaks,
                probe: calls.probe.peaks,
                reach: calls.reach.peaks,
            },
            checks: this.#checks,
            digest: this.#chronicle.digest,
        };
    }
    /** After every timer: true ends this stretch of time, for something must be awaited. */
    #step() {
        if (this.#isDirty || this.#clock.now() >= this.#lookAt)
            this.#look();
        return this.#isReadingDue || this.#violation !== null || this.#bug !== null;
    }
    #look() {
        this.#isDirty = false;
        this.#witness.look();
        this.#lookAt = this.#clock.now() + Math.min(REST_MS, this.#witness.patienceMs());
        this.#checks++;
        for (const name of INVARIANT_NAMES) {
            if (this.#violation !== null)
                return;
            const { says, check } = INVARIANTS[name];
            const detail = check(this.#witness);
            if (detail === null)
                continue;
            const atMs = this.#clock.now();
            const replay = this.#replay(atMs);
            const story = this.#chronicle.lines();
            this.#violation = { invariant: name, says, detail, atMs, at: virtualTime(atMs), seed: this.#seed, story, replay };
        }
        this.#witness.forget();
    }
    /** What takes longer to find out: the metrics, and what became of events. */
    async #lookClosely() {
        this.#isReadingDue = false;
        if (this.#violation !== null)
            return;
        this.#witness.nextAttemptMetric = await readGauge(this.#subject.registry, NEXT_ATTEMPT);
        this.#witness.reckon();
        for (const { event } of this.#witness.settled)
            this.#tally.settled(event);
        this.#look();
    }
    #start() {
        Object.assign(this.#life, { phase: 'running', since: this.#clock.now(), startedAt: this.#clock.now() });
        // Who starts a connector has it ask at once, whatever came before.
        for (const log of Object.values(this.#border.calls))
            log.clear();
        this.#tell('start');
        this.#watched(this.#subject.start());
    }
    #stop(drainMs) {
        const now = this.#clock.now();
        // The last frames of a closing handshake take their time on the network.
        const dueAt = now + drainMs + LIMITS.closeMs + 2 * this.#linkMs;
        Object.assign(this.#life, { phase: 'stopping', since: now, dueAt, stopAskedAt: now });
        this.#witness.eventTrouble.begin('stopped', now);
        this.#tell('stop', { drainMs });
        return this.#subject.stop({ drainMs }).then(() => {
            Object.assign(this.#life, { phase: 'stopped', since: this.#clock.now() });
            this.#tell('stopped');
        });
    }
    #restart(drainMs, pauseMs) {
        if (this.#life.phase !== 'running')
            return;
        this.#tally.host('restarts');
        this.#watched(this.#stop(drainMs).then(() => {
            this.#clock.timer(pauseMs, () => {
                if (this.#life.phase !== 'stopped')
                    return;
                this.#witness.eventTrouble.end('stopped', this.#clock.now());
                this.#start();
            });
        }));
    }
    /** The last stop: it too must leave nothing behind. */
    async #end() {
        this.#weather.stop();
        this.#crowd.stop();
        this.#host?.stop();
        if (this.#violation === null && this.#life.phase !== 'stopped') {
            if (this.#life.phase === 'running')
                this.#watched(this.#stop(1_000));
            await this.#clock.runUntil(() => this.#step() || this.#life.phase === 'stopped', 60_000);
            await this.#clock.runUntil(() => this.#step(), LIMITS.closeMs + 3 * this.#linkMs);
        }
        this.#platform.stop();
        if (this.#bug !== null)
            throw this.#bug;
    }
    #hostOf(meanMs, dice) {
        return new Host(this.#clock, meanMs, dice, {
            slept: (ms) => {
                const now = this.#clock.now();
                this.#tally.host('sleeps');
                this.#tell('the machine slept', { ms });
                const { connectionTrouble, eventTrouble, tokenTrouble } = this.#witness;
                for (const trouble of [connectionTrouble, eventTrouble, tokenTrouble])
                    trouble.passed(now - ms, now);
                if (this.#life.phase === 'stopping')
                    this.#life.dueAt += ms;
            },
            stepped: (deltaMs) => {
                this.#tally.host('wallSteps');
                this.#tell('the wall clock was set', { deltaMs });
                this.#witness.wallSteppedAt = this.#clock.now();
            },
            restart: (drainMs, pauseMs) => this.#restart(drainMs, pauseMs),
            reconnect: () => {
                this.#tally.host('reconnects');
                this.#tell('reconnect');
                this.#subject.reconnect();
            },
        });
    }
    /** Listens to everything that the connector and the platform tell. */
    #follow() {
        this.#subject.on('report', ({ report, moment }) => {
            this.#tally.reported(report);
            if (QUIET.has(report.type)) {
                this.#chronicle.mix(moment.now, report.type);
                return;
            }
            this.#chronicle.add(moment.now, report.type, report);
            this.#isDirty = true;
            switch (report.type) {
                case 'waiting':
                    this.#witness.promisedAt = moment.wallNow + report.retryInMs;
                    this.#isReadingDue = true;
                    return;
                case 'attempt_started':
                case 'connected':
                    this.#witness.promisedAt = null;
                    this.#isReadingDue = true;
                    return;
                case 'disconnected':
                    this.#witness.lost(report.failure.code);
                    return;
                case 'state_changed':
                    if (report.to === 'suspect')
                        this.#witness.suspected();
                    if (report.to === 'stopped')
                        this.#witness.promisedAt = null;
            }
        });
        this.#platform.subscribe(({ type, id, fault }) => {
            const now = this.#clock.now();
            this.#tell(type === 'fault_started' ? 'fault' : 'fault over', fault);
            if (type === 'fault_started')
                this.#tally.fault(fault.fault);
            for (const trouble of this.#troublesOf(fault.fault)) {
                if (type === 'fault_started')
                    trouble.begin(id, now);
                // Dead connections count against the limit of connections until they are forgotten.
                else if (fault.fault === 'dead_connection_kept')
                    this.#clock.timer(fault.keptMs, () => trouble.end(id, this.#clock.now()));
                else
                    trouble.end(id, now);
            }
        });
    }
    #troublesOf(kind) {
        const { connectionTrouble, eventTrouble, tokenTrouble } = this.#witness;
        switch (HARMS[kind]) {
            case 'everything':
                return [connectionTrouble, eventTrouble, tokenTrouble];
            case 'connection':
                return [connectionTrouble, eventTrouble];
            case 'events':
                return [eventTrouble];
            case 'token':
                return [tokenTrouble];
            case 'calls':
            case 'people':
                return [];
        }
    }
    #tell(what, told = null) {
        this.#chronicle.add(this.#clock.now(), what, told);
        this.#isDirty = true;
    }
    /** A rejection here is a bug, and ends the simulation as what it is. */
    #watched(promise) {
        promise.catch((error) => {
            this.#bug = error ?? new Error('rejected with nothing');
        });
    }
    #replay(atMs) {
        const days = Math.ceil(atMs / DAY_MS + 0.001);
        const weather = this.#profile === PROFILES.mixed ? '' : ` --weather ${this.#profile.name}`;
        const connections = this.#connections === 1 ? '' : ` --connections ${this.#connections}`;
        return `feishu-connector simulate --seed ${this.#seed} --days ${days}${weather}${connections}`;
    }
}
/** The value of the one series of a gauge, in milliseconds; null if there is no such gauge. */
async function readGauge(registry, name) {
    const metric = registry.getSingleMetric(name);
    const value = (await metric?.get())?.values[0]?.value;
    return value === undefined ? null : value * 1_000;
}
