/**
 * Takes a publisher's command and data messages apart.
 *
 * Spec: RTMP 1.0 §7.1.1, §7.1.2, §7.2.
 */
import { Amf0Reader } from '../amf0/amf0-reader.ts'
import { Amf0Error } from '../amf0/amf0-value.ts'
import type { Amf0Object, Amf0Value } from '../amf0/amf0-value.ts'
import { RtmpError } from './rtmp-error.ts'
import { RTMP_MESSAGE } from './rtmp-message.ts'
import type { RtmpMessage } from './rtmp-message.ts'

/** A command: its name, its transaction and what follows. */
export type RtmpCommand = {
  readonly name: string
  /** 0 when no answer is expected. */
  readonly transactionId: number
  readonly messageStreamId: number
  /** First argument: the command object of `connect`. */
  readonly properties: Amf0Object
  /** Arguments after the command object. */
  readonly args: readonly Amf0Value[]
}

const NO_PROPERTIES: Amf0Object = new Map()
/** Values of the longest command we answer: name, transaction, command object and a few arguments. */
const MAX_VALUES = 8

/**
 * Reads a command message, AMF0 or AMF3-framed; arguments from the first unreadable one on are left out.
 *
 * @throws {RtmpError} `RTMP_COMMAND_INVALID` when it has no name.
 */
export function readCommand(message: RtmpMessage): RtmpCommand {
  const [name, transactionId, properties, ...args] = readValues(message, MAX_VALUES)
  if (typeof name !== 'string') throw new RtmpError('RTMP_COMMAND_INVALID', 'command without a name')
  return {
    name,
    transactionId: typeof transactionId === 'number' ? transactionId : 0,
    messageStreamId: message.messageStreamId,
    properties: isObject(properties) ? properties : NO_PROPERTIES,
    args,
  }
}

/** A data message: its name and the first value after it. */
export type RtmpDataMessage = { readonly name: string; readonly value: Amf0Value }

/** Reads a data message, set with `@setDataFrame` or bare; undefined for one without a name or a value. */
export function readDataMessage(message: RtmpMessage): RtmpDataMessage | undefined {
  const values = readValues(message, 3)
  if (values[0] === '@setDataFrame') values.shift()
  const [name, value] = values
  return typeof name === 'string' && values.length > 1 ? { name, value } : undefined
}

/** The text at `index` of a command's arguments, or undefined when something else is there. */
export function textArgument(command: RtmpCommand, index: number): string | undefined {
  const value = command.args[index]
  return typeof value === 'string' ? value : undefined
}

// What cannot be read is left out: a stream is as good without its metadata, a command without its extras.
function readValues(message: RtmpMessage, limit: number): Amf0Value[] {
  const values: Amf0Value[] = []
  try {
    const reader = new Amf0Reader(valueBytes(message))
    while (reader.hasMore && values.length < limit) values.push(reader.read())
  } catch (error) {
    if (!(error instanceof Amf0Error)) throw error
  }
  return values
}

// An AMF3 message of a publisher is AMF0 behind one byte that names the format.
function valueBytes(message: RtmpMessage): Buffer {
  const isAmf3 = message.typeId === RTMP_MESSAGE.amf3Command || message.typeId === RTMP_MESSAGE.amf3Data
  return isAmf3 && message.payload[0] === 0 ? message.payload.subarray(1) : message.payload
}

function isObject(value: Amf0Value): value is Amf0Object {
  return value instanceof Map
}
