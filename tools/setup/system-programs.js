/**
 * Programs that no npm package brings: which are needed, whether they are here, and how to get them.
 */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { findDaemon, findProgram, run, succeeds } from './child.js'
import { say, SetupError } from './say.js'

/** What the server needs. */
export const SERVER_PROGRAMS = [
  {
    name: 'ffmpeg',
    use: 'makes the demo picture',
    isHere: () => findProgram('ffmpeg') !== undefined,
    apt: ['ffmpeg'],
    elsewhere: 'brew install ffmpeg, or https://ffmpeg.org/download.html (5.1 or newer)',
  },
]

/** What the tests need on top. */
export const TEST_PROGRAMS = [
  ...SERVER_PROGRAMS,
  {
    name: 'chromium',
    use: 'plays streams in the browser tests',
    isHere: () => findProgram('chromium', 'chromium-browser', 'google-chrome') !== undefined,
    apt: ['chromium'],
    elsewhere: 'any Chromium or Chrome, to be found as "chromium" or "google-chrome" in the PATH',
  },
  {
    name: 'gst-launch-1.0 with rtmp2sink, flvmux, x264enc and avenc_aac',
    use: 'publishes as a second encoder in the interop tests',
    isHere: hasGStreamer,
    apt: [
      'gstreamer1.0-tools',
      'gstreamer1.0-plugins-base',
      'gstreamer1.0-plugins-good',
      'gstreamer1.0-plugins-bad',
      'gstreamer1.0-plugins-ugly',
      'gstreamer1.0-libav',
    ],
    elsewhere: 'https://gstreamer.freedesktop.org/download (with the good, bad, ugly and libav plug-ins)',
  },
  {
    name: 'nginx',
    use: 'stands as a shared cache before the server in the interop tests',
    isHere: () => findDaemon('nginx') !== undefined,
    apt: ['nginx'],
    elsewhere: 'brew install nginx, or https://nginx.org/en/download.html',
  },
  {
    name: 'aws',
    use: 'calls the API in the interop tests, with signatures of its own',
    isHere: () => findProgram('aws') !== undefined,
    apt: ['awscli'],
    elsewhere: 'brew install awscli, or https://aws.amazon.com/cli',
  },
  {
    name: 'python3 with boto3',
    use: 'calls every operation of the API in the interop tests',
    isHere: hasBoto3,
    apt: ['python3-boto3'],
    elsewhere: 'pip install boto3',
  },
  {
    name: 'nats-server',
    use: 'receives events in the tests of the event targets',
    isHere: () => findDaemon('nats-server') !== undefined,
    apt: ['nats-server'],
    elsewhere: 'brew install nats-server, or https://nats.io/download',
  },
  {
    name: 'postgresql',
    use: 'is the second database of the store and conformance tests, on a server of their own',
    isHere: hasPostgres,
    apt: ['postgresql'],
    elsewhere:
      'brew install postgresql, or https://www.postgresql.org/download (13 or newer; initdb in the PATH)',
  },
]

/** Makes sure that every program is here; installs with apt where that is allowed without asking. */
export async function providePrograms(programs, command) {
  const missing = findMissing(programs)
  if (missing.length === 0) return
  const installer = findInstaller()
  if (installer) await install(installer, missing)
  const stillMissing = installer ? findMissing(missing) : missing
  if (stillMissing.length > 0)
    throw new SetupError(describeMissing(stillMissing, command, installer !== undefined))
}

function findMissing(programs) {
  return programs.filter((program) => !program.isHere())
}

function hasGStreamer() {
  const inspect = findProgram('gst-inspect-1.0')
  if (!inspect || !findProgram('gst-launch-1.0')) return false
  return ['rtmp2sink', 'flvmux', 'x264enc', 'avenc_aac'].every((element) =>
    succeeds(inspect, ['--exists', element]),
  )
}

function hasBoto3() {
  const python = findProgram('python3')
  return python !== undefined && succeeds(python, ['-c', 'import boto3'])
}

// Debian keeps the programs of each release in a directory of its own, outside the PATH.
function hasPostgres() {
  if (findProgram('initdb')) return true
  const releases = '/usr/lib/postgresql'
  return (
    existsSync(releases) &&
    readdirSync(releases).some((name) => existsSync(join(releases, name, 'bin', 'initdb')))
  )
}

/** The words that start an apt-get with enough rights, or undefined when there is no way without a password. */
function findInstaller() {
  const apt = findProgram('apt-get')
  if (!apt) return undefined
  if (process.getuid?.() === 0) return [apt]
  const sudo = findProgram('sudo')
  return sudo && succeeds(sudo, ['-n', 'true']) ? [sudo, '-n', apt] : undefined
}

async function install([program, ...before], missing) {
  const packages = missing.flatMap(({ apt }) => apt)
  say(`installing with apt-get: ${packages.join(' ')}`)
  const options = { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } }
  // An outdated package list makes the install fail, a failed update often does not: go on either way.
  await run(program, [...before, 'update', '-qq'], options)
  await run(program, [...before, 'install', '-y', '-qq', '--no-install-recommends', ...packages], options)
}

function describeMissing(missing, command, tried) {
  const lines = missing.map(
    ({ name, use, apt, elsewhere }) =>
      `  ${name}: ${use}\n    Debian, Ubuntu: sudo apt-get install ${apt.join(' ')}\n    elsewhere: ${elsewhere}`,
  )
  const why = tried ? 'apt-get did not bring it, see above' : 'this user may not install with apt-get'
  return `missing, and ${why}:\n${lines.join('\n')}\n  Then run ${command} again.`
}
