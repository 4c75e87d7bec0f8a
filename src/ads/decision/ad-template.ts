/**
 * Fills the templates of an ad request: `[variable]` in its URL, `{{variable}}` in its headers and its body.
 *
 * A value can never become more of a URL than it stands for. What the viewer sent is encoded whole. A value of a signed
 * token may be encoded already, as players of other services have to do it: its escapes stay. Only the operator's own
 * aliases may name a host.
 *
 * Reference: ssai §2.1 (HttpRequest), §3.2.
 */
import { variableValue, type VariableFacts, type VariableValue } from './ad-variables.ts'

/** A text with its variables filled in. */
export type FilledTemplate = {
  readonly text: string
  /** Variables that were left empty because nobody knows them. */
  readonly unknownVariables: readonly string[]
}

type Piece = {
  readonly literal: string
  /** What follows the literal; undefined at the end. */
  readonly variable: string | undefined
}

/** A name has a dot, or is a macro: other brackets belong to the URL, as those of an IPv6 address do. */
const URL_VARIABLE = /\[([a-z_]+\.[^[\]]{1,200}|[A-Z]{3,24})\]/g
const TEXT_VARIABLE = /\{\{\s{0,10}([^{}]{1,200}?)\s{0,10}\}\}/g
const HOST_END = /[/?#\\]/
const HOST_TEXT = /^[A-Za-z0-9.:-]{1,253}$/
const ESCAPE = /(%[0-9A-Fa-f]{2})/

/** The URL of an ad request. */
export class UrlTemplate {
  readonly #pieces: readonly Piece[]

  constructor(template: string) {
    this.#pieces = piecesOf(template, URL_VARIABLE)
  }

  /** Undefined when a variable in the host is no alias of the configuration. */
  fill(facts: VariableFacts): FilledTemplate | undefined {
    const unknownVariables: string[] = []
    let text = ''
    for (const { literal, variable } of this.#pieces) {
      text += literal
      if (variable === undefined) continue
      const value = variableValue(variable, facts)
      if (!value) unknownVariables.push(variable)
      if (!isInHost(text)) text += value ? encodeValue(value) : ''
      else if (value?.origin === 'operator' && HOST_TEXT.test(value.text)) text += value.text
      else return undefined
    }
    return { text, unknownVariables }
  }
}

/** How a value stands in a text: `json` inside a string, `form` in a form's value. */
export type TextForm = 'plain' | 'json' | 'form'

/** A header or the body of an ad request. */
export class TextTemplate {
  readonly #pieces: readonly Piece[]
  readonly #form: TextForm

  constructor(template: string, form: TextForm) {
    this.#pieces = piecesOf(template, TEXT_VARIABLE)
    this.#form = form
  }

  /** With the values of the variables in it. */
  fill(facts: VariableFacts): FilledTemplate {
    const unknownVariables: string[] = []
    let text = ''
    for (const { literal, variable } of this.#pieces) {
      text += literal
      if (variable === undefined) continue
      const value = variableValue(variable, facts)
      if (value) text += writeValue(value.text, this.#form)
      else unknownVariables.push(variable)
    }
    return { text, unknownVariables }
  }
}

function piecesOf(template: string, variable: RegExp): readonly Piece[] {
  const pieces: Piece[] = []
  let end = 0
  for (const match of template.matchAll(variable)) {
    pieces.push({ literal: template.slice(end, match.index), variable: match[1] })
    end = match.index + match[0].length
  }
  pieces.push({ literal: template.slice(end), variable: undefined })
  return pieces
}

/** Whether what comes after `url` still belongs to its host, or even stands before it. */
function isInHost(url: string): boolean {
  const scheme = url.indexOf('://')
  return scheme === -1 || !HOST_END.test(url.slice(scheme + 3))
}

function encodeValue({ text, origin }: VariableValue): string {
  switch (origin) {
    case 'viewer':
      return encode(text, encodeURIComponent)
    case 'signed':
      return encodeAround(text, encodeURIComponent)
    case 'operator':
      return encodeAround(text, encodeURI)
  }
}

/** Keeps the escapes that are there. */
function encodeAround(text: string, encoder: (text: string) => string): string {
  return text
    .split(ESCAPE)
    .map((part, index) => (index % 2 === 1 ? part : encode(part, encoder)))
    .join('')
}

// Half a surrogate pair cannot be encoded, and would make the encoder throw.
function encode(text: string, encoder: (text: string) => string): string {
  return encoder(text.toWellFormed())
}

function writeValue(text: string, form: TextForm): string {
  switch (form) {
    case 'plain':
      return text
    case 'json':
      return JSON.stringify(text).slice(1, -1)
    case 'form':
      return encode(text, encodeURIComponent)
  }
}
