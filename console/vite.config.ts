/**
 * Builds the console into `console/dist`; `vite console` serves it for development beside a running server.
 */
import react from '@vitejs/plugin-react'
import { defineConfig, type UserConfig } from 'vite'

// Operations are POST /<PascalCase>; the rest is what delivery and the server's own facts answer.
const SERVER_PATHS = '^/(api/|v1/|console/server\\.json|events$|healthz|[A-Z][A-Za-z]+$)'
const SERVER_URL = 'http://127.0.0.1:8080'

const config: UserConfig = defineConfig({
  plugins: [react()],
  // Relative addresses, so that the page works under any prefix a proxy puts before it.
  base: './',
  build: { outDir: 'dist', emptyOutDir: true, target: 'es2022', sourcemap: false },
  server: { host: '127.0.0.1', proxy: { [SERVER_PATHS]: SERVER_URL } },
})

// Vite wants its configuration as the default export.
export default config
