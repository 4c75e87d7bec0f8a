import { expect, test } from 'vitest'
import { findBadExports, findBadFileNames } from './naming.ts'
import { readProject, readSources, sample } from './project.ts'

test('every file of the code is named in kebab-case for the one thing inside', () => {
  expect(findBadFileNames(readProject('.', /\.[jt]sx?$/))).toEqual([])
})

test('no exported name of the server has an empty word, and none is a default', () => {
  expect(findBadExports(readSources())).toEqual([])
})

test.each([
  'src/base/myFile.ts',
  'src/base/My-file.ts',
  'src/base/my_file.ts',
  'src/base/string-utils.ts',
  'src/base/helpers.ts',
  'src/media/rtmp/index.ts',
  'src/index.ts',
  'src/api/aws/createChannel.ts',
])('finds %s', (path) => {
  expect(findBadFileNames([{ path }])).toHaveLength(1)
})

test.each([
  'src/base/my-file.test.ts',
  'src/api/ivs/createChannel.ts',
  'src/api/ivs/createChannel.test.ts',
  'src/api/cloudwatch/getMetricData.ts',
  'src/base/index.ts',
  'src/media/amf0/amf0-reader.ts',
])('allows %s', (path) => {
  expect(findBadFileNames([{ path }])).toEqual([])
})

test.each([
  'export class StreamManager {}',
  'export const pathUtils = 1',
  'export type ChannelInfo = 1',
  'export interface IStore { x: 1 }',
  'export class BaseStore {}',
  'export default 1',
  'export default function f() {}',
])('finds %s', (text) => {
  expect(findBadExports(sample({ 'src/base/a.ts': text }))).toHaveLength(1)
})

test.each([
  'export type Id = 1',
  'export type InitSection = 1',
  'export class IngestError {}',
  'export const baseline = 1',
])('allows %s', (text) => {
  expect(findBadExports(sample({ 'src/base/a.ts': text }))).toEqual([])
})

test('allows an operation the name that its contract gives it, and nothing else in its file', () => {
  const text = 'export const getMetricData = 1; export const otherData = 1'
  expect(findBadExports(sample({ 'src/api/cloudwatch/getMetricData.ts': text }))).toHaveLength(1)
})
