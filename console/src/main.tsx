/**
 * The page's entry: the API answers in the folder that the page was served from.
 */
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app.tsx'
import { createConsoleService } from './service/console-service.ts'
import './styles/page.css'
import './styles/stage.css'
import './styles/fields.css'
import './styles/ads.css'
import './styles/events.css'

const baseUrl = new URL('.', window.location.href)
const root = document.getElementById('root')
if (!root) throw new Error('index.html has no #root')

createRoot(root).render(
  <StrictMode>
    <App service={createConsoleService(baseUrl)} baseUrl={baseUrl} />
  </StrictMode>,
)
