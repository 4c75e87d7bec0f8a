/**
 * What holds for getting every resource by its ARN. Registers the tests.
 */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ResourceType } from '../../src/domain/arn.ts'
import { MISSING_CHANNEL_ARN, startApi } from './api-fixture.ts'
import type { ApiFixture } from './api-fixture.ts'
import { expectRefusal, invalid, notFound } from './expect-refusal.ts'
import { missingArn } from './resource-makers.ts'

/** A type of resource, how one is made and got. */
export type GettableType = {
  readonly resourceType: ResourceType
  readonly make: (api: ApiFixture, name: string) => Promise<string>
  readonly get: (api: ApiFixture, arn: string | undefined) => Promise<object | undefined>
}

/** Registers the tests of getting. */
export function testGetting({ resourceType, ...type }: GettableType): void {
  let api: ApiFixture
  beforeAll(async () => {
    api = await startApi()
  })
  afterAll(() => api[Symbol.asyncDispose]())

  test('shows the one that was asked for', async () => {
    const arn = await type.make(api, 'one')
    await type.make(api, 'two')
    expect(await type.get(api, arn)).toMatchObject({ arn, name: 'one', tags: {} })
  })

  test('refuses an ARN that nobody made, or of another account or region, with 404', async () => {
    const arn = await type.make(api, '')
    const others = [
      missingArn(resourceType),
      arn.replace('123456789012', '210987654321'),
      arn.replace('us-west-2', 'eu-west-1'),
    ]
    for (const other of others) await expectRefusal(type.get(api, other), notFound(other))
  })

  test.each([
    [undefined, 'arn is required'],
    ['', 'arn must be at least 1 characters long'],
    [MISSING_CHANNEL_ARN, 'arn must match'],
    [`${missingArn(resourceType)}${'x'.repeat(128)}`, 'arn must be at most 128 characters long'],
  ])('refuses the ARN %s with 400', async (arn, says) => {
    await expectRefusal(type.get(api, arn), invalid(says))
  })
}
