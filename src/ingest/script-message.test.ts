import { expect, test } from 'vitest'
import { amf0Object } from '../media/amf0/amf0-writer.ts'
import { readScript } from './script-message.ts'

/** One CEA-608 pair as cc_data, behind the header of the user data that it is in a picture. */
const CAPTIONS = Buffer.from('b500314741393403' + '41ff' + 'fc942c' + 'ff', 'hex').toString('base64')

test.each([
  {
    name: 'onMetaData is an announcement',
    message: { name: 'onMetaData', value: amf0Object({ framerate: 30 }) },
    read: { kind: 'announcement', announcement: { frameRate: 30 } },
  },
  {
    name: 'onCaptionInfo of type 708 is captions (reference ivs-behaviour §15)',
    message: { name: 'onCaptionInfo', value: amf0Object({ type: '708', data: CAPTIONS }) },
    read: { kind: 'captions', constructs: Buffer.from('fc942c', 'hex') },
  },
  {
    name: 'onTextData with a member text is a text (reference ivs-behaviour §14)',
    message: { name: 'onTextData', value: amf0Object({ text: '{"score":1}', language: 'en' }) },
    read: { kind: 'text', text: '{"score":1}' },
  },
  {
    name: 'any other message whose value is a text is that text',
    message: { name: 'onSomething', value: 'hello' },
    read: { kind: 'text', text: 'hello' },
  },
])('$name', ({ message, read }) => {
  expect(readScript(message)).toEqual(read)
})

test.each([
  { name: 'onMetaData', value: 'text' },
  { name: 'onCaptionInfo', value: 'text' },
  { name: 'onCaptionInfo', value: amf0Object({ type: 'WebVTT', data: CAPTIONS }) },
  { name: 'onCaptionInfo', value: amf0Object({ type: '708', data: 7 }) },
  { name: 'onCaptionInfo', value: amf0Object({ type: '708', data: '****' }) },
  { name: 'onCaptionInfo', value: amf0Object({ type: '708', data: CAPTIONS.repeat(1000) }) },
  { name: '@clearDataFrame', value: 'onMetaData' },
  { name: '|RtmpSampleAccess', value: true },
  { name: 'onFI', value: amf0Object({ st: '12:00:00', sd: '01-01-2026' }) },
  { name: 'onTextData', value: amf0Object({ text: '' }) },
])('$name with $value says nothing to the server', (message) => {
  expect(readScript(message)).toBeUndefined()
})
