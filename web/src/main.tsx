import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { queryClient } from './api/query.ts'
import { startSession } from './api/session.ts'
import { startI18n } from './i18n/i18n.ts'
import { router } from './routes.tsx'
import { listenToKeys } from './shell/keys.ts'
import { followTheme } from './shell/theme.ts'

void startSession()
listenToKeys()
followTheme()
await startI18n()
createRoot(document.getElementById('app') as HTMLElement).render(
  <StrictMode>
    <QueryClientProvider client={queryClient}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </StrictMode>,
)
