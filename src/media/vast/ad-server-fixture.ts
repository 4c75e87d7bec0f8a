/**
 * Ad servers for tests: documents by URL, and a driver that fetches from them.
 */
import { AdResolver } from './ad-resolver.ts'
import type { AdAnswer, AdRequest, AdResolution } from './ad-resolver.ts'

/** Where the ad request goes. */
export const AD_SERVER = 'http://ads.test/decision'

/** Answers by URL; everything else is unreachable. */
export type Documents = Readonly<Record<string, string | AdAnswer>>

/** Which of the requests under way is answered next. */
export type AnswerOrder = (underway: readonly AdRequest[]) => number

/** Resolves the response of `AD_SERVER`, and says what was asked for. */
export function resolve(
  documents: Documents,
  pick: AnswerOrder = () => 0,
): { readonly resolution: AdResolution; readonly asked: readonly AdRequest[] } {
  const resolver = new AdResolver(AD_SERVER)
  const asked: AdRequest[] = []
  const underway: AdRequest[] = []
  while (!resolver.isDone) {
    for (let request = resolver.next(); request; request = resolver.next()) {
      asked.push(request)
      underway.push(request)
    }
    const [request] = underway.splice(pick(underway), 1)
    if (request) resolver.accept(request, answerOf(documents[request.url]))
  }
  return { resolution: resolver.finish(), asked }
}

function answerOf(document: string | AdAnswer | undefined): AdAnswer {
  if (document === undefined) return { kind: 'failed', reason: 'unreachable' }
  return typeof document === 'string' ? { kind: 'body', body: Buffer.from(document) } : document
}

/** Attributes and inner XML of an Ad. */
export type AdText = {
  readonly id: string
  readonly sequence?: number
  readonly attributes?: string
}

/** A VAST document of these ads. */
export function vast(...ads: readonly string[]): string {
  return `<VAST version="4.2">${ads.join('')}</VAST>`
}

/** An ad of 10 s that reports its impression, start and errors under its id. */
export function inline({ id, sequence }: AdText): string {
  return `<Ad id="${id}"${sequenceOf(sequence)}><InLine><AdSystem>Test</AdSystem><AdTitle>${id}</AdTitle>
    <Error>http://ads.test/${id}/error-[ERRORCODE]</Error><Impression>http://ads.test/${id}/impression</Impression>
    <Creatives><Creative id="c-${id}"><Linear><Duration>00:00:10</Duration>
      <TrackingEvents><Tracking event="start">http://ads.test/${id}/start</Tracking></TrackingEvents>
      <VideoClicks><ClickTracking>http://ads.test/${id}/click</ClickTracking></VideoClicks>
      <MediaFiles><MediaFile delivery="progressive" type="video/mp4" width="640" height="360" bitrate="800"
        >http://media.test/${id}.mp4</MediaFile></MediaFiles>
    </Linear></Creative></Creatives></InLine></Ad>`
}

/** An ad without a picture, which fails with code 201. */
export function companionOnly({ id, sequence }: AdText): string {
  return `<Ad id="${id}"${sequenceOf(sequence)}><InLine><Error>http://ads.test/${id}/error-[ERRORCODE]</Error>
    <Creatives><Creative><CompanionAds/></Creative></Creatives></InLine></Ad>`
}

/** A wrapper that reports its impression, start and errors under its id; `attributes` as in `fallbackOnNoAd="false"`. */
export function wrapper({ id, sequence, attributes = '' }: AdText, adTagUri: string): string {
  return `<Ad id="${id}"${sequenceOf(sequence)}><Wrapper ${attributes}><AdSystem>Test</AdSystem>
    <VASTAdTagURI><![CDATA[ ${adTagUri} ]]></VASTAdTagURI>
    <Error>http://ads.test/${id}/error-[ERRORCODE]</Error><Impression>http://ads.test/${id}/impression</Impression>
    <Creatives><Creative><Linear>
      <TrackingEvents><Tracking event="start">http://ads.test/${id}/start</Tracking></TrackingEvents>
      <VideoClicks><ClickTracking>http://ads.test/${id}/click</ClickTracking></VideoClicks>
    </Linear></Creative></Creatives></Wrapper></Ad>`
}

function sequenceOf(sequence: number | undefined): string {
  return sequence === undefined ? '' : ` sequence="${sequence}"`
}

/** A document of one wrapper for each link, the inline ad `end` behind the last. */
export function wrapperChain(length: number): Documents {
  const urls = Array.from({ length }, (_, index) => `http://ads.test/hop-${index + 1}`)
  const wrappers = urls.map((url, index) => [
    index === 0 ? AD_SERVER : `http://ads.test/hop-${index}`,
    vast(wrapper({ id: `w${index + 1}` }, url)),
  ])
  return Object.fromEntries([
    ...wrappers,
    [urls.at(-1) ?? AD_SERVER, vast(inline({ id: 'end' }))],
  ]) as Documents
}
