// Reads one XML document as strictly as XML 1.0 says, as far as answers use it: elements, attributes
// of the root, text, the five entities and character references. Throws on everything else.
import assert from 'node:assert/strict';

const kEntities = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

// XML 1.0, production 2.
const kForbidden = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;
const kAllForbidden = new RegExp(kForbidden, 'gu');

export const withoutForbidden = (text) => text.replace(kAllForbidden, '\ufffd');

function characterOf(reference) {
  if (!reference.startsWith('#')) return kEntities[reference];
  const code = reference.startsWith('#x') ? parseInt(reference.slice(2), 16) : Number(reference.slice(1));
  return String.fromCodePoint(code);
}

function decoded(text) {
  return text.replace(/&([^;&]*);?/g, (whole, reference) => {
    const character = whole.endsWith(';') ? characterOf(reference) : undefined;
    assert.ok(character !== undefined && !kForbidden.test(character), `the reference ${whole}`);
    return character;
  });
}

// { name, namespace, children, text } of the root element. Children stand in their order.
export function readXml(document) {
  assert.ok(!kForbidden.test(document), 'a character that XML forbids');
  const declaration = '<?xml version="1.0"?>';
  assert.ok(document.startsWith(declaration), 'no declaration');
  const root = { children: [] };
  const open = [root];
  const token = /<(\/?)([A-Za-z][\w.-]*)((?: [A-Za-z]+="[^"<&]*")*)(\/?)>|([^<]+)/gy;
  token.lastIndex = declaration.length;
  while (token.lastIndex < document.length) {
    const at = token.lastIndex;
    const match = token.exec(document);
    assert.ok(match, `not XML at ${at}: ${document.slice(at, at + 40)}`);
    const [, isEnd, name, attributes, isEmpty, text] = match;
    const parent = open.at(-1);
    if (text !== undefined) {
      assert.ok(parent !== root, 'text outside of the root');
      parent.text += decoded(text);
    } else if (isEnd) {
      assert.equal(name, parent.name, 'an end of another element');
      open.pop();
    } else {
      const namespace = attributes.match(/^ xmlns="(.*)"$/)?.[1];
      const element = { name, namespace, children: [], text: '' };
      parent.children.push(element);
      if (!isEmpty) open.push(element);
    }
  }
  assert.equal(open.length, 1, 'an element without its end');
  assert.equal(root.children.length, 1, 'not one root');
  return root.children[0];
}
