import { expect, test } from 'vitest'
import { checkVerdicts, compareNames, documentedNames, raisedErrors } from './parity.ts'
import { readProject, readProjectFile } from './project.ts'
import { sdkContract } from './sdk-contract.ts'

const parity = readProjectFile('docs/reference/parity.md')
const paths = new Set(readProject('test/conformance', /\.test\.ts$/).map(({ path }) => path))

test('the parity table has every operation, member and error of the contract, and none besides', () => {
  const contract = sdkContract()
  expect(Object.keys(contract.operations)).toHaveLength(41)
  expect(Object.keys(contract.objects).length).toBeGreaterThan(30)
  expect(
    Object.values(contract.operations).every(({ errors }) => errors.includes('ValidationException')),
  ).toBe(true)
  expect(compareNames(contract, documentedNames(parity))).toEqual([])
})

test('every verdict is one, says how it differs, and names tests that exist', () => {
  expect(checkVerdicts(parity, paths)).toEqual([])
})

// The others are shown for all operations at once: invalid-requests, throttling, accounts and protocol.
const SHOWN_BY_OWN_TEST = ['ConflictException', 'ServiceQuotaExceededException', 'ChannelNotBroadcasting']

test('what a single operation raises is in its own test', () => {
  const missing = Object.entries(raisedErrors(parity)).flatMap(([operation, errors]) => {
    const name = operation.charAt(0).toLowerCase() + operation.slice(1)
    const text = readProjectFile(`test/conformance/${name}.test.ts`)
    return errors
      .filter((error) => SHOWN_BY_OWN_TEST.includes(error) && !text.includes(error))
      .map((error) => `${name}.test.ts does not show ${error}`)
  })
  expect(missing).toEqual([])
})

const SAMPLE = `# Parity

## Members of requests and answers, errors

| operation | request | answer | raised | never raised |
| --------- | ------- | ------ | ------ | ------------ |
| GetThing  | \`arn\` | \`thing\` | \`NotFound\` | \`Busy\` |

## Members of objects

| object | members |
| ------ | ------- |
| Thing  | \`arn\`, \`nmae\`, \`arn\` |
| Extra  | \`x\` |

### GetThing

| what | verdict | how | test |
| ---- | ------- | --- | ---- |
| one  | sane    |     | \`gone.test.ts\` |
| two  | differs |     | |
`

test('finds names that are missing, invented or doubled', () => {
  const contract = {
    operations: {
      GetThing: { request: ['arn', 'size'], answer: ['thing'], errors: ['NotFound', 'Busy'] },
      PutThing: { request: [], answer: [], errors: [] },
    },
    objects: { Thing: ['arn', 'name'] },
  }
  expect(compareNames(contract, documentedNames(SAMPLE))).toEqual([
    "the table's operations: PutThing is missing",
    "the table's objects: Extra is not in the contract",
    'GetThing request: size is missing',
    'Thing: name is missing',
    'Thing: nmae is not in the contract',
    'Thing: arn stands twice',
  ])
  expect(raisedErrors(SAMPLE)).toEqual({ GetThing: ['NotFound'] })
})

test('finds verdicts that are none, differences without a word and tests that are gone', () => {
  expect(checkVerdicts(SAMPLE, new Set())).toEqual([
    'one: "sane" is no verdict',
    'one: there is no test/conformance/gone.test.ts',
    'two: differs how?',
  ])
})
