import {describe, expect, test} from 'vitest';
import {readXml, type XmlElement} from '../../../src/config/ocf/xml.ts';

function root(source: string): XmlElement {
  const read = readXml(source);
  if (!read.ok) throw new Error(read.error);
  return read.value;
}

function fault(source: string): string {
  const read = readXml(source);
  return read.ok ? 'read' : read.error;
}

describe('the reader of XML', () => {
  test('reads elements, attributes in both quotes, text, comments and CDATA', () => {
    const found = root(`<?xml version="1.0"?>
<!DOCTYPE a SYSTEM "a.dtd">
<!-- <b> in a comment is none -->
<a x="1" y='two "2"'>one<b/><!-- c --> two <![CDATA[<raw & ready>]]><b z = "&lt;" /></a>
`);
    expect(found.name).toBe('a');
    expect([...found.attributes]).toEqual([
      ['x', '1'],
      ['y', 'two "2"'],
    ]);
    expect(found.text).toBe('one two <raw & ready>');
    expect(found.children.map(({name}) => name)).toEqual(['b', 'b']);
    expect(found.children[1]?.attributes.get('z')).toBe('<');
  });

  test('knows the five entities and numbers, and no others', () => {
    expect(root('<a>&amp;&lt;&gt;&quot;&apos;&#65;&#x42;</a>').text).toBe(`&<>"'AB`);
    for (const text of ['&nbsp;', '&', '&#0;', '&#1114112;', '&constructor;']) {
      expect(fault(`<a>${text}</a>`)).toBe('line 1: expected an entity that is known');
    }
    expect(fault('<a x="&y;"/>')).toBe('line 1: <a> x expected an entity that is known');
  });

  test('passes over what stands beside the element', () => {
    expect(root('warning: something\n<a/>\nbye').name).toBe('a');
  });

  test.each([
    ['', 'expected an element, found none'],
    ['<a>', 'expected </a>, found the end'],
    ['<a>\n<b>\n</a>', 'line 3: expected </b>, found </a>'],
    ['</a>', 'line 1: </a> ends nothing'],
    ['<a/><b/>', 'line 1: expected one element, found <b> behind it'],
    ['<a x="1" x="2"/>', 'line 1: <a> has x twice'],
    ['<a x=1/>', 'line 1: expected markup or text'],
    ['<a', 'line 1: expected markup or text'],
    ['<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', 'line 1: expected markup or text'],
    ['<!-- a', 'line 1: expected markup or text'],
    ['<a></a x="1">', 'line 1: </a is no end'],
  ])('refuses %j', (source, sentence) => {
    expect(fault(source)).toBe(sentence);
  });

  test('has limits on size, depth, elements and attributes', () => {
    expect(fault(' '.repeat(262_145))).toBe('expected at most 262144 characters, found 262145');
    expect(fault('<a>'.repeat(17))).toBe('line 1: expected at most 16 elements inside others');
    expect(fault(`<a>${'<b/>'.repeat(4_096)}</a>`)).toBe('line 1: expected at most 4096 elements');
    const attributes = Array.from({length: 33}, (_, index) => ` x${index}="1"`).join('');
    expect(fault(`<a${attributes}/>`)).toBe('line 1: <a> expected at most 32 attributes');
  });

  test('is done in a moment with what is made to keep it busy', () => {
    const blanks = `<a${' '.repeat(200_000)}x`;
    expect(fault(blanks)).toBe('line 1: expected markup or text');
    expect(fault(`<a ${'x="1" '.repeat(30_000)}`)).toBe('line 1: expected markup or text');
    expect(fault('<!--'.repeat(50_000))).toBe('line 1: expected markup or text');
  });
});
