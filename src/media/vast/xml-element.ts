/**
 * An XML element as the readers of VAST and VMAP see it: local names, trimmed text, nothing of the file's form left.
 */

/** One element with what it holds. */
export type XmlElement = {
  /** Without its namespace prefix. */
  readonly name: string
  /** By name without prefix, trimmed, references resolved. */
  readonly attributes: Readonly<Record<string, string>>
  readonly children: readonly XmlElement[]
  /** All text and CDATA directly inside, trimmed. */
  readonly text: string
}

/** The first child of this name. */
export function childOf(element: XmlElement | undefined, name: string): XmlElement | undefined {
  return element?.children.find((child) => child.name === name)
}

/** All children of this name, in order. */
export function childrenOf(element: XmlElement | undefined, name: string): readonly XmlElement[] {
  return element?.children.filter((child) => child.name === name) ?? []
}

/** The children named `inner` of all children named `outer`, for lists that servers split over several elements. */
export function grandchildrenOf(
  element: XmlElement | undefined,
  outer: string,
  inner: string,
): readonly XmlElement[] {
  return childrenOf(element, outer).flatMap((child) => childrenOf(child, inner))
}

/** Text of the first child of this name; empty when there is none. */
export function textIn(element: XmlElement | undefined, name: string): string {
  return childOf(element, name)?.text ?? ''
}

/** The attribute's value; undefined when it is absent or empty. */
export function attributeOf(element: XmlElement, name: string): string | undefined {
  return element.attributes[name] || undefined
}
