/**
 * Reads the running player twice a second for the read-outs.
 */
import { useEffect, useState } from 'react'
import type { Engine, Measurements } from './engine.ts'

const INTERVAL_MS = 500

/** Latest measurements of `engine`; undefined while none runs. */
export function useMeasurements(engine: Engine | undefined): Measurements | undefined {
  const [measured, setMeasured] = useState<{ readonly engine: Engine; readonly values: Measurements }>()
  useEffect(() => {
    if (!engine) return
    const timer = setInterval(() => setMeasured({ engine, values: engine.measure() }), INTERVAL_MS)
    return () => clearInterval(timer)
  }, [engine])
  return measured?.engine === engine ? measured?.values : undefined
}
