/** The part of vast-builder that the tests use; the package ships no types. */
declare module 'vast-builder' {
  type Attributes = Readonly<Record<string, string>>

  /** A node under construction: `attach…` goes into the child, `add…` stays. */
  export type VastNode = {
    attachAd(attributes?: Attributes): VastNode
    attachInLine(): VastNode
    attachWrapper(attributes?: Attributes): VastNode
    attachCreatives(): VastNode
    attachCreative(attributes?: Attributes): VastNode
    attachLinear(attributes?: Attributes): VastNode
    attachTrackingEvents(): VastNode
    attachMediaFiles(): VastNode
    addAdSystem(text: string): VastNode
    addAdTitle(text: string): VastNode
    addImpression(url: string, attributes?: Attributes): VastNode
    addError(url: string): VastNode
    addVASTAdTagURI(url: string): VastNode
    addUniversalAdId(text: string, attributes: Attributes): VastNode
    addDuration(text: string): VastNode
    addTracking(url: string, attributes: Attributes): VastNode
    addMediaFile(url: string, attributes: Attributes): VastNode
    toXml(): string
  }

  const builder: { readonly v4: (options: { readonly logWarn: boolean }) => VastNode }
  export default builder
}
