// What is done to one member at a time, and what SQS is to say to it.
//
//   { path, label, value, only, expects, wanted, differs }
//   only      the one protocol in which this can be said
//   expects   'refused', 'fails' (its entry of a batch alone), 'taken', or 'open': not known, but no
//             fault of the server, and the same in both protocols
//   differs   the two protocols are known to say it differently
import { ruleOf } from './member_rules.mjs';
import { Raw } from './protocols.mjs';
import { membersOf, typeOf } from './service_model.mjs';

export const kAbsent = Symbol('absent');

const kControlTexts = ['\u0000', 'a\u001fb', 'a\ufffe'];
const kLongText = 'x'.repeat(70_000);

// What cannot be read at all; more of it, which is no member's own, is in bad_requests.mjs.
const kBrokenJsonTexts = ['"\xff"', '"a\xed\xa0\x80"', '"\\ud800"', '"\\x41"', '"a\nb"'];
const kBrokenFormTexts = ['%FF', 'a%ED%A0%80', 'a%4', '%GG', '\xff'];
const kBrokenJsonNumbers = ['1.5', '1e3', '1e400', '9223372036854775808', '-9223372036854775809', '01'];
const kBrokenFormNumbers = ['%2B5', '+5', '0x5', '1e3', '1.5', '%D9%A5', '9223372036854775808',
  '-9223372036854775809', '-', '5%00'];
const kBrokenBase64 = ['*', 'YQ', 'YQ===', 'Y Q==', 'YQ==YQ==', '_-8='];

// AWS's words for them, where they are known (spec 3.4).
const kWrongTypes = [
  { value: 'x', type: 'string', words: { integer: 'STRING_VALUE can not be converted to an Integer' } },
  { value: '5', type: 'string', words: { integer: 'STRING_VALUE can not be converted to an Integer' } },
  { value: 5, type: 'integer', words: { string: 'NUMBER_VALUE can not be converted to a String' } },
  { value: true },
  { value: [], type: 'list' }, { value: ['x'], type: 'list' },
  { value: {}, type: 'map' }, { value: { a: 'x' }, type: 'map' },
];
const kListWords = 'Start of list found where not expected';
const kMapWords = 'Start of structure or map found where not expected.';

const unreadable = (message) => ['MalformedInput', message];

function wrongTypeCases(type) {
  const given = { blob: 'string', structure: 'map' }[type] ?? type;
  const isWrong = (wrong) => wrong.type !== given;
  return kWrongTypes.filter(isWrong).map(({ value, type: found, words = {} }) => {
    const isScalar = ['string', 'integer'].includes(type);
    const ofNest = { list: kListWords, map: kMapWords }[found];
    return {
      label: `is ${JSON.stringify(value)}`, value, only: 'json',
      refusal: unreadable(words[type] ?? (isScalar ? ofNest : undefined)),
    };
  });
}

const rawCases = (only, texts) =>
  texts.map((text) => ({ label: `is raw ${text}`, value: new Raw(text), only, refusal: unreadable() }));

function textCases(rule) {
  const long = rule.length ? 'x'.repeat(rule.length + 1) : kLongText;
  const longRefusal = rule.free ? undefined : rule.garbage;
  return [
    ...rawCases('json', kBrokenJsonTexts),
    ...rawCases('query', kBrokenFormTexts),
    ...kControlTexts.map((value) =>
      ({ label: `is ${JSON.stringify(value)}`, value, refusal: rule.garbage })),
    { label: `has ${long.length} characters`, value: long, refusal: longRefusal },
    ...(rule.texts ?? []).map((value) => ({ label: `is '${value}'`, value, refusal: rule.garbage })),
  ];
}

function integerCases({ min, max, range, largest = max }) {
  const beyond = new Set([`${min - 1}`, `${max + 1}`, '-1', '2147483648', '9223372036854775807',
    '-9223372036854775808']);
  return [
    ...rawCases('json', kBrokenJsonNumbers),
    ...rawCases('query', kBrokenFormNumbers),
    ...[...beyond].map((n) => ({ label: `is ${n}`, value: new Raw(n), refusal: range })),
    ...[min, largest].map((value) => ({ label: `is ${value}`, value, refusal: 'taken' })),
  ];
}

function blobCases({ base64 = unreadable() }) {
  return kBrokenBase64.map((value) => ({ label: `is ${JSON.stringify(value)}`, value, refusal: base64 }));
}

// Of a map's keys: the map has one entry, its value is the example's.
function keyCases(rule, example) {
  const value = Object.values(example ?? {})[0];
  if (value === undefined) return [];
  const keys = [...kControlTexts, ...(rule.keyLength ? ['x'.repeat(rule.keyLength + 1)] : [])];
  const ofKey = (key, refusal) => ({
    label: `has the key ${JSON.stringify(key).slice(0, 20)}`, value: { [key]: value }, said: key, refusal,
  });
  return [...keys.map((key) => ofKey(key, rule.key)), ofKey('', rule.emptyKey)];
}

const kEmpty = { string: '', blob: '', list: [], map: {} };

function absenceCases(rule, { shape, required, isElement }) {
  const type = typeOf(shape);
  const whenAbsent = rule.missing ?? (required ? undefined : 'taken');
  const cases = [{ label: 'is null', value: null, only: 'json', refusal: isElement ? undefined : whenAbsent }];
  if (!isElement) cases.push({ label: 'is missing', value: kAbsent, refusal: whenAbsent });
  const isMany = type === 'list' || type === 'map';
  const refusal = rule.empty ?? (isMany && !required ? 'taken' : undefined);
  if (type in kEmpty) {
    cases.push({ label: 'is empty', value: kEmpty[type], only: isMany ? 'json' : undefined, refusal });
  }
  if (isMany) cases.push({ label: 'is an empty text', value: '', only: 'query', refusal });
  return cases.map((each) => ({ ...each, isAbsence: true }));
}

function casesOfMember(action, member, example) {
  const rule = ruleOf(action.name, member);
  const type = typeOf(member.shape);
  const cases = [...absenceCases(rule, member), ...wrongTypeCases(type)];
  if (type === 'string') cases.push(...textCases(rule));
  if (type === 'integer') cases.push(...integerCases(rule));
  if (type === 'blob') cases.push(...blobCases(rule));
  if (type === 'map') cases.push(...keyCases(rule, example));
  if (type === 'structure') {
    cases.push({ label: 'is there', beside: 'Stranger', value: 'x', refusal: 'taken' });
  }
  return cases.map((each) => finished(each, rule, action, member));
}

function finished({ label, beside, value, only, refusal, said = value, isAbsence }, rule, action, member) {
  const isInEntry = member.path[0] === 'Entries' && member.path.length > 2;
  const isOfWhole = rule.whole || (rule.wholeIfMissing && isAbsence) || refusal?.[0] === 'MalformedInput';
  let expects = isInEntry && !isOfWhole ? 'fails' : 'refused';
  if (refusal === undefined) expects = 'open';
  if (refusal === 'taken') expects = 'taken';
  const entry = isInEntry ? `${action.name}RequestEntry.1.` : '';
  return {
    path: beside ? [...member.path, beside] : member.path,
    label, value, only, expects,
    differs: rule.differs || refusal?.query !== undefined,
    wanted: { refusal, value: said instanceof Raw ? said.bytes : said, entry, key: member.key },
  };
}

const at = (tree, path) => path.reduce((inner, step) => inner?.[step], tree);

export function casesOf(action, example) {
  const members = [...membersOf(action.input, example)];
  const cases = members.flatMap((member) => casesOfMember(action, member, at(example, member.path)));
  const asItIs = { path: [], label: 'as it is', expects: 'taken' };
  const stranger = { path: ['Stranger'], label: 'is there', value: 'x', expects: 'taken' };
  return [asItIs, stranger, ...cases];
}
