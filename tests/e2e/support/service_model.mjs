// AWS's model of SQS, read from the SDK that stands beside the tests: actions, members, their types,
// and how the Query protocol names and nests them (spec 2.2).
import { createRequire } from 'node:module';

const model = createRequire(import.meta.url)('aws-sdk/apis/sqs-2012-11-05.min.json');

const kQueryElements = {
  Actions: 'ActionName',
  tags: 'Tag',
  queueUrls: 'QueueUrl',
  Failed: 'BatchResultErrorEntry',
  Results: 'ListMessageMoveTasksResultEntry',
};

export const typeOf = (shape) => shape.type ?? 'string';

// What a reference names; members of the reference win.
export function resolved(shape) {
  return shape.shape ? { ...model.shapes[shape.shape], ...shape } : shape;
}

export const kNothing = { type: 'structure', members: {} };

export const kActions = Object.entries(model.operations).map(([name, { input, output }]) => ({
  name,
  input: resolved(input ?? kNothing),
  output: output && resolved(output),
}));

// The element of a list or a map, as the Query protocol calls it.
export function queryElement(member, action) {
  if (member === 'Entries') return `${action}RequestEntry`;
  if (member === 'Successful') return `${action}ResultEntry`;
  return kQueryElements[member] ?? member.replace(/s$/, '');
}

export const queryKey = (element) => (element === 'Tag' ? 'Key' : 'Name');

// Every member of a request, nested ones and elements too. `example` says which keys a map has.
//   path      ['Entries', 0, 'MessageAttributes', 'text', 'DataType']
//   name      'Entries.[].MessageAttributes.{}.DataType'
//   key       of the innermost map around it: 'text'
//   required  by the structure it is a member of; isElement: of a list, or the value of a map
export function* membersOf(structure, example, parent = { path: [], names: [] }) {
  for (const [name, reference] of Object.entries(structure.members)) {
    const shape = resolved(reference);
    const member = below(parent, name, name);
    yield { ...member, shape, isElement: false, required: structure.required?.includes(name) ?? false };
    if (typeOf(shape) === 'list') {
      yield* elementsOf(shape.member, example?.[name]?.[0], below(member, 0, '[]'));
    } else if (typeOf(shape) === 'map') {
      for (const key of Object.keys(example?.[name] ?? { sample: 1 })) {
        yield* elementsOf(shape.value, example?.[name]?.[key], { ...below(member, key, '{}'), key });
      }
    }
  }
}

function below({ path, names, key }, step, name) {
  return { path: [...path, step], names: [...names, name], name: [...names, name].join('.'), key };
}

function* elementsOf(reference, example, element) {
  const shape = resolved(reference);
  yield { ...element, shape, isElement: true, required: false };
  if (typeOf(shape) === 'structure') yield* membersOf(shape, example, element);
}

// How often a structure names a member anywhere: what a walk must have seen.
export function countMembers(structure) {
  let count = 0;
  for (const reference of Object.values(structure.members)) {
    const shape = resolved(reference);
    const inner = resolved(shape.member ?? shape.value ?? {});
    count += 1 + (typeOf(inner) === 'structure' ? countMembers(inner) : 0);
  }
  return count;
}
