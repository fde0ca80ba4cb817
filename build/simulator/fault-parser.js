import { FAULT_FIELDS, FAULT_KINDS } from './fault-fields.js';
/** A value that is no Fault: which field, what it must be, what it was. */
export class FaultError extends Error {
    name = 'FaultError';
    /** The field at fault, or `fault` if the kind itself is unknown. */
    field;
    /** What the field must hold, in words. */
    expected;
    constructor(field, expected, got) {
        super(`${field} must be ${expected}, got ${shown(got)}`);
        this.field = field;
        this.expected = expected;
    }
}
/**
 * Checks a value of unknown origin. Unknown fields are refused, so that a misspelt one is not silently without effect.
 * @throws FaultError naming the first field that is wrong.
 */
export function parseFault(value) {
    if (!isObject(value))
        throw new FaultError('fault', 'an object with a field "fault"', value);
    const kind = value.fault;
    if (!isFaultKind(kind))
        throw new FaultError('fault', `one of ${FAULT_KINDS.join(', ')}`, kind);
    const rules = FAULT_FIELDS[kind];
    for (const field of Object.keys(value)) {
        if (field === 'fault' || Object.hasOwn(rules, field))
            continue;
        throw new FaultError(field, `absent: ${kind} has the fields ${Object.keys(rules).join(', ')}`, value[field]);
    }
    for (const [field, rule] of Object.entries(rules))
        checkField(field, rule, value[field]);
    // The table of rules has the type of the union: what passes it is a member.
    return value;
}
function checkField(field, rule, value) {
    const isRequired = 'required' in rule;
    if (value === undefined && !isRequired)
        return;
    if (!isFit(rule, value))
        throw new FaultError(field, expectation(rule), value);
}
function isFit(rule, value) {
    switch (rule.is) {
        case 'integer':
            return typeof value === 'number' && Number.isInteger(value) && value >= rule.min && value <= rule.max;
        case 'text':
            return typeof value === 'string' && value.length <= rule.maxLength;
        case 'choice':
            return typeof value === 'string' && rule.of.includes(value);
        case 'flag':
            return typeof value === 'boolean';
        case 'close_code':
            return typeof value === 'number' && isCloseCode(value);
        case 'choice_or_object':
            return isObject(value) ? Object.keys(value).length <= 20 : typeof value === 'string' && rule.of.includes(value);
    }
}
function expectation(rule) {
    switch (rule.is) {
        case 'integer':
            return `an integer from ${rule.min} to ${rule.max}`;
        case 'text':
            return `text of at most ${rule.maxLength} characters`;
        case 'choice':
            return `one of ${rule.of.join(', ')}`;
        case 'flag':
            return 'true or false';
        case 'close_code':
            return 'a close code that may be sent: 1000 to 1003, 1007 to 1014, or 3000 to 4999';
        case 'choice_or_object':
            return `one of ${rule.of.join(', ')}, or an object of at most 20 fields`;
    }
}
/** RFC 6455, section 7.4: 1004 to 1006 and 1015 never stand in a frame. */
function isCloseCode(code) {
    if (!Number.isInteger(code))
        return false;
    return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
}
function isFaultKind(value) {
    return typeof value === 'string' && Object.hasOwn(FAULT_FIELDS, value);
}
function isObject(value) {
    return typeof value === 'object' && value !== null && !Array.isArray(value);
}
function shown(value) {
    const text = value === undefined ? 'nothing' : (JSON.stringify(value) ?? String(value));
    return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}
