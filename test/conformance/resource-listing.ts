/**
 * What holds for the lists of every resource that stands by itself in its account. Registers the tests.
 */
import { expect, test } from 'vitest'
import type { ServiceLimits } from '../../src/domain/service-limits.ts'
import { startApi } from './api-fixture.ts'
import type { ApiFixture } from './api-fixture.ts'
import { expectRefusal, invalid } from './expect-refusal.ts'

/** Which page of a list. */
export type PageInput = { readonly maxResults?: number; readonly nextToken?: string | undefined }

/** A type of resource and its operations. */
export type ListedType = {
  readonly make: (api: ApiFixture, name: string) => Promise<string>
  readonly list: (
    api: ApiFixture,
    input: PageInput,
  ) => Promise<{
    readonly items: readonly { readonly arn?: string | undefined }[] | undefined
    readonly nextToken: string | undefined
  }>
  readonly remove: (api: ApiFixture, arn: string) => Promise<unknown>
  /** Every member that a list shows beside ARN, name and tags. */
  readonly shown: object
  /** The quota that is the page size when none is asked for; else that size is 1. */
  readonly pageQuota?: keyof ServiceLimits
}

const MAX_PAGE = 100

/** Registers the tests of a list. */
export function testListing({ shown, pageQuota, ...type }: ListedType): void {
  const make = async (api: ApiFixture, count: number): Promise<string[]> => {
    const arns: string[] = []
    for (let index = 0; index < count; index++) {
      arns.push(await type.make(api, `n${index}`))
      api.clock.advance(1)
    }
    return arns
  }
  const list = async (api: ApiFixture, input: PageInput) => {
    const { items = [], nextToken } = await type.list(api, input)
    return { items, arns: items.map(({ arn }) => arn), nextToken }
  }

  test('answers an empty list when there is nothing', async () => {
    await using api = await startApi()
    expect(await list(api, {})).toEqual({ items: [], arns: [], nextToken: undefined })
  })

  test('shows the documented members and no others', async () => {
    await using api = await startApi()
    const [arn] = await make(api, 1)
    expect((await list(api, {})).items).toEqual([{ arn, name: 'n0', tags: {}, ...shown }])
  })

  if (pageQuota === undefined) {
    test('shows 1 a page unless another size is asked for, oldest first', async () => {
      await using api = await startApi()
      const arns = await make(api, 3)
      const first = await list(api, {})
      expect(first.arns).toEqual(arns.slice(0, 1))
      const rest = await list(api, { nextToken: first.nextToken, maxResults: MAX_PAGE })
      expect([...first.arns, ...rest.arns]).toEqual(arns)
      expect(rest.nextToken).toBeUndefined()
    })
  } else {
    test('shows as many a page as the quota allows but 100 at most, oldest first', async () => {
      await using api = await startApi({ [pageQuota]: MAX_PAGE + 1 })
      const arns = await make(api, MAX_PAGE + 1)
      const first = await list(api, {})
      expect(first.arns).toEqual(arns.slice(0, MAX_PAGE))
      const rest = await list(api, { nextToken: first.nextToken })
      expect([rest.arns, rest.nextToken]).toEqual([arns.slice(MAX_PAGE), undefined])
    })
  }

  test('pages go on where they ended when the last one shown is deleted', async () => {
    await using api = await startApi()
    const arns = await make(api, 3)
    const first = await list(api, { maxResults: 2 })
    await type.remove(api, arns[1] ?? '')
    expect((await list(api, { maxResults: 2, nextToken: first.nextToken })).arns).toEqual([arns[2]])
  })

  test('refuses page sizes out of range and foreign tokens with 400', async () => {
    await using api = await startApi()
    await expectRefusal(list(api, { maxResults: 0 }), invalid('maxResults must be at least 1'))
    await expectRefusal(list(api, { maxResults: 101 }), invalid('maxResults must be at most 100'))
    await expectRefusal(list(api, { nextToken: 'abcd' }), invalid('nextToken does not belong'))
  })
}
