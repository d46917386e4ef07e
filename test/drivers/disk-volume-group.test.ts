import {describe, expect, it} from 'vitest';
import {activeVolumes, judgeTags, parseReport} from '../../src/drivers/disk/volume-group.ts';

/** As LVM2 2.03 prints it. */
const report = `  {
      "report": [
          {
              "vg": [
                  {"vg_name":"vg1", "vg_tags":"@node1,local", "lv_count":"2"},
                  {"vg_name":"empty", "vg_tags":"", "lv_count":"0"}
              ]
          }
      ]
  }
`;

describe('the report of vgs', () => {
  it('is read for one group', () => {
    expect(parseReport(report, 'vg1')).toEqual({tags: ['@node1', 'local'], volumes: 2});
    expect(parseReport(report, 'empty')).toEqual({tags: [], volumes: 0});
    expect(parseReport(report, 'vg')).toBeNull();
  });

  it.each([
    '',
    'null',
    '{}',
    '{"report": 1}',
    '{"report": [null, 3, {"vg": "vg1"}, {"vg": [null]}]}',
    '{"report": [{"vg": [{"vg_name": "vg1"}]}]}',
    '  Volume group "vg1" not found',
  ])('is not made up from %j', (text) => {
    expect(parseReport(text, 'vg1')).toBeNull();
  });
});

describe('the active volumes of a group', () => {
  const devices = [
    {name: 'vg1-data', uuid: 'LVM-abc'},
    {name: 'vg1-app--log', uuid: 'LVM-abd'},
    {name: 'vg1--old-data', uuid: 'LVM-xyz'},
    {name: 'vg11-data', uuid: 'LVM-xyy'},
    {name: 'vg1-crypt', uuid: 'CRYPT-LUKS2-1'},
    {name: 'vg1', uuid: 'mpath-1'},
  ];

  it.each([
    ['vg1', ['data', 'app-log']],
    ['vg1-old', ['data']],
    ['vg11', ['data']],
    ['vg', []],
  ])('of %s are %j', (group, expected) => {
    expect(activeVolumes(devices, group)).toEqual(expected);
  });
});

describe('the tags of a group', () => {
  const who = {own: 'node1', nodes: ['node1', 'node2']};

  it.each([
    [[], {foreign: [], strange: [], isOurs: false}],
    [['@node1'], {foreign: [], strange: [], isOurs: true}],
    [['local', '@node2'], {foreign: ['@node2'], strange: [], isOurs: false}],
    [['@node1', '@node2'], {foreign: ['@node2'], strange: [], isOurs: true}],
    [['@node3', 'node2'], {foreign: [], strange: ['@node3'], isOurs: false}],
  ])('%j are %j', (tags, expected) => {
    expect(judgeTags(tags, who)).toEqual(expected);
  });
});
