/**
 * The page of the demo's ad server: pods as they are given out, and their beacons as they come in. One document without
 * anything from elsewhere; what came from outside is set as text, never as markup.
 */

/** What the page may do, as its Content-Security-Policy says. */
export const PAGE_POLICY =
  "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; connect-src 'self'; base-uri 'none'; form-action 'none'"

/** The document. */
export function beaconsPage(): string {
  return PAGE
}

const STYLE = `
:root { color-scheme: light dark; --ground: #f4f7f7; --card: #fff; --line: #d9e2e2; --text: #10201f; --soft: #526664;
  --on: #0b7a75; --on-text: #fff; --bad: #c4232f;
  font: 16px/1.45 system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif; }
@media (prefers-color-scheme: dark) { :root { --ground: #0c1315; --card: #141d20; --line: #26343a; --text: #e8f0f0;
  --soft: #9db0b0; --on: #4cc4bb; --on-text: #06201e; --bad: #ff6b73; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 880px; padding: 24px 16px; background: var(--ground); color: var(--text); }
h1 { margin: 0; font-size: 1.35rem; letter-spacing: -0.015em; }
h2 { margin: 0; font-size: 1rem; overflow-wrap: anywhere; }
p { margin: 0; }
.soft { color: var(--soft); font-size: 0.86rem; }
.head { display: flex; flex-wrap: wrap; gap: 4px 16px; align-items: baseline; justify-content: space-between; }
.intro { margin: 6px 0 20px; }
.pods { display: grid; gap: 14px; }
.card { display: grid; gap: 12px; padding: 16px; border: 1px solid var(--line); border-radius: 14px; background: var(--card); }
.ad { display: flex; flex-wrap: wrap; gap: 6px 10px; align-items: center; }
.name { min-width: 4.6em; font-weight: 600; font-variant-numeric: tabular-nums; }
.events { display: flex; flex-wrap: wrap; gap: 6px; }
.event { padding: 2px 10px; border: 1px solid var(--line); border-radius: 99px; color: var(--soft); font-size: 0.8rem; }
.event.on { border-color: var(--on); background: var(--on); color: var(--on-text); }
.event.bad { border-color: var(--bad); color: var(--bad); }
`

const SCRIPT = `
const LABELS = { impression: 'Impression', start: 'Start', firstQuartile: '25 %', midpoint: '50 %',
  thirdQuartile: '75 %', complete: 'Complete', error: 'Error' }
const time = (ms) => new Date(ms).toLocaleTimeString()
const node = (tag, className, ...inside) => {
  const made = document.createElement(tag)
  made.className = className
  made.append(...inside)
  return made
}
const chip = (event, seen) => {
  const isError = event === 'error'
  const again = seen && seen.times > 1 ? ' ×' + seen.times : ''
  const made = node('span', 'event' + (seen ? (isError ? ' bad' : ' on') : ''), LABELS[event] + again)
  made.title = seen ? 'reported at ' + time(seen.atMs) : 'not reported yet'
  return made
}
const adRow = (ad) => {
  const shown = Object.keys(LABELS).filter((event) => event !== 'error' || ad.events.error)
  const chips = shown.map((event) => chip(event, ad.events[event]))
  return node('div', 'ad', node('span', 'name', 'Ad ' + ad.seconds + ' s'), node('div', 'events', ...chips))
}
const podCard = (pod) => {
  const who = pod.viewer === '' ? 'A viewer without a name' : 'Viewer ' + pod.viewer
  const session = pod.session === '' ? '' : ' · session ' + pod.session.slice(0, 8)
  const head = node('div', 'head', node('h2', '', who),
    node('span', 'soft', time(pod.atMs) + ' · ' + pod.wantedSeconds + ' s wanted' + session))
  const rows = pod.ads.length > 0 ? pod.ads.map(adRow) : [node('p', 'soft', 'No ad was ready or short enough.')]
  return node('section', 'card', head, ...rows)
}
let shown = ''
const show = (text) => {
  if (text === shown) return
  shown = text
  const { pods, beacons, strays } = JSON.parse(text)
  document.getElementById('counts').textContent =
    beacons + (beacons === 1 ? ' beacon' : ' beacons') + (strays > 0 ? ', ' + strays + ' of unknown ads' : '')
  const empty = node('p', 'card soft', 'Nobody has asked for ads yet. Insert an ad break on the page of the demo channel.')
  document.getElementById('pods').replaceChildren(...(pods.length > 0 ? pods.map(podCard) : [empty]))
}
const refresh = async () => {
  try {
    const response = await fetch('beacons.json')
    if (response.ok) show(await response.text())
    document.getElementById('state').textContent = ''
  } catch {
    document.getElementById('state').textContent = 'The ad server does not answer.'
  }
  setTimeout(refresh, 1000)
}
refresh()
`

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Demo ad server · Headwater</title>
<style>${STYLE}</style>
</head>
<body>
<div class="head"><h1>Demo ad server</h1><span class="soft" id="counts"></span></div>
<p class="soft intro">Each card is what one viewer was given for one break. The marks light up as the ads are reported. <span id="state" role="status"></span></p>
<main class="pods" id="pods"></main>
<script>${SCRIPT}</script>
</body>
</html>
`
