/**
 * Puts text on the clipboard, also where the page is not on a secure address (a phone in the local network).
 */

/** Copies what `text` resolves to; false when that failed or the browser did not allow it. */
export async function copyText(text: Promise<string>): Promise<boolean> {
  try {
    if (!window.isSecureContext) return copyBySelection(await text)
    // Safari allows the write only inside the click itself, hence the promise inside the item.
    const blob = text.then((value) => new Blob([value], { type: 'text/plain' }))
    await navigator.clipboard.write([new ClipboardItem({ 'text/plain': blob })])
    return true
  } catch {
    return text.then(copyBySelection, () => false)
  }
}

function copyBySelection(text: string): boolean {
  const field = document.createElement('textarea')
  field.value = text
  field.style.position = 'fixed'
  field.style.opacity = '0'
  document.body.append(field)
  field.select()
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- the only way to copy on a plain http address
  const copied = document.execCommand('copy')
  field.remove()
  return copied
}
