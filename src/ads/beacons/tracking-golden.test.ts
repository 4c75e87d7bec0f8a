/**
 * The whole tracking document of an ad that says everything VAST can say, as a player gets it (reference ssai §3.8).
 */
import { expect, test } from 'vitest'
import { AD_SERVER, resolve } from '../../media/vast/ad-server-fixture.ts'
import { adsOf } from '../../media/vast/ad-slot.ts'
import { trackingDocument } from './tracking-document.ts'

const WRAPPER = `<VAST version="4.2"><Ad id="wrapper"><Wrapper>
  <AdSystem>Outer</AdSystem>
  <VASTAdTagURI>http://ads.test/inline</VASTAdTagURI>
  <Impression>http://outer.test/impression</Impression>
  <Error>http://outer.test/error?[ERRORCODE]</Error>
  <Creatives><Creative><Linear><TrackingEvents>
    <Tracking event="start">http://outer.test/start</Tracking>
  </TrackingEvents></Linear></Creative></Creatives>
</Wrapper></Ad></VAST>`

const INLINE = `<VAST version="4.2"><Ad id="ad-1" sequence="1"><InLine>
  <AdSystem version="1">Inner</AdSystem>
  <AdTitle>Spring &amp; summer</AdTitle>
  <Impression id="i">http://ads.test/impression</Impression>
  <Error>http://ads.test/error?[ERRORCODE]</Error>
  <AdVerifications><Verification vendor="verifier.test-omid">
    <JavaScriptResource apiFramework="omid" browserOptional="true">http://verifier.test/omid.js</JavaScriptResource>
    <TrackingEvents><Tracking event="verificationNotExecuted">http://verifier.test/not?[REASON]</Tracking></TrackingEvents>
    <VerificationParameters><![CDATA[{"key":1}]]></VerificationParameters>
  </Verification></AdVerifications>
  <Extensions><Extension type="waterfall"><Fallback index="0">yes</Fallback></Extension></Extensions>
  <Creatives>
    <Creative id="creative-1" adId="house-1" sequence="1"><Linear skipoffset="00:00:05">
      <Duration>00:00:10</Duration>
      <AdParameters>theme=dark</AdParameters>
      <TrackingEvents>
        <Tracking event="start">http://ads.test/start</Tracking>
        <Tracking event="progress" offset="25%">http://ads.test/progress</Tracking>
        <Tracking event="mute">http://ads.test/mute</Tracking>
        <Tracking event="complete">http://ads.test/complete</Tracking>
      </TrackingEvents>
      <VideoClicks>
        <ClickThrough>http://shop.test/</ClickThrough>
        <ClickTracking>http://ads.test/click</ClickTracking>
      </VideoClicks>
      <Icons><Icon program="choices" width="20" height="20" xPosition="right" yPosition="top" duration="00:00:10" offset="00:00:00">
        <StaticResource creativeType="image/png">http://ads.test/icon.png</StaticResource>
        <IconClicks><IconClickThrough>http://ads.test/choices</IconClickThrough></IconClicks>
        <IconViewTracking>http://ads.test/icon-seen</IconViewTracking>
      </Icon></Icons>
      <MediaFiles><MediaFile delivery="progressive" type="video/mp4" width="640" height="360" bitrate="900">http://cdn.test/a.mp4</MediaFile></MediaFiles>
    </Linear></Creative>
    <Creative sequence="1"><CompanionAds><Companion id="c1" width="300" height="250" adSlotId="side">
      <StaticResource creativeType="image/png">http://ads.test/companion.png</StaticResource>
      <AltText>A shop</AltText>
      <CompanionClickThrough>http://shop.test/companion</CompanionClickThrough>
      <CompanionClickTracking>http://ads.test/companion-click</CompanionClickTracking>
      <TrackingEvents><Tracking event="creativeView">http://ads.test/companion-seen</Tracking></TrackingEvents>
    </Companion></CompanionAds></Creative>
  </Creatives>
</InLine></Ad></VAST>`

test('every member that players know is there, of wrappers too', async () => {
  const { resolution } = resolve({ [AD_SERVER]: WRAPPER, 'http://ads.test/inline': INLINE })
  const segments = Array.from({ length: 5 }, (_, index) => ({ msn: 100 + index, durationMs: 2000 }))
  const ads = adsOf(resolution.slots).map((ad) => ({
    ad,
    mediaDurationMs: 10_000,
    startMs: 30_000,
    segments,
  }))
  const avail = { ads, breakDurationMs: 30_000, programDateTimeMs: Date.UTC(2026, 0, 2, 3, 4, 5) }
  const document = trackingDocument([avail], { nowMs: Date.UTC(2026, 0, 2, 3, 4, 6) })
  await expect(`${JSON.stringify(document, null, 2)}\n`).toMatchFileSnapshot('golden/tracking.json')
})
