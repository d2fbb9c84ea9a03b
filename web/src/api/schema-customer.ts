// Generated from openapi.json by `npm run web:api`. Don't edit.

export interface CustomerApi {
  "GET /health": {
    path: undefined
    query: undefined
    body: undefined
    reply: { "status": ("healthy") | ("degraded") | ("unhealthy"); "timestamp": string; "version": string; "uptime_s": number; "memory_percent": number; "cpu_percent": number; "checks": { "database": ("ok") | ("failed") | ("not used"); "queue": ("ok") | ("failed") | ("not used"); "cache_bus": ("ok") | ("failed") | ("not used") } }
  }
  "GET /healthz": {
    path: undefined
    query: undefined
    body: undefined
    reply: { "status": string }
  }
  "GET /readyz": {
    path: undefined
    query: undefined
    body: undefined
    reply: { "status": string }
  }
  "GET /metrics": {
    path: undefined
    query: undefined
    body: undefined
    reply: string
  }
  "GET /openapi.json": {
    path: undefined
    query: undefined
    body: undefined
    reply: { "openapi": string }
  }
  "GET /docs": {
    path: undefined
    query: undefined
    body: undefined
    reply: string
  }
  "POST /api/auth/signup": {
    path: undefined
    query: undefined
    body: { "email": string; "password": string; "name": string; "confirm_password": string; "phone_number"?: (string) | (null) }
    reply: { "access_token": string; "token_type": "bearer"; "user": { "id": number; "name": string; "email": string; "is_admin": boolean } }
  }
  "POST /api/auth/register": {
    path: undefined
    query: undefined
    body: { "name": string; "email": string; "phone_number"?: (string) | (null); "password": string }
    reply: { "message": string; "user_id": number; "email": string; "access_token": string }
  }
  "POST /api/auth/login": {
    path: undefined
    query: undefined
    body: { "email": string; "password": string }
    reply: { "access_token": string; "token_type": "bearer"; "user": { "id": number; "email": string; "name": string; "role": "manager" | "technical_team" | "support_staff" | "customer"; "is_admin": boolean; "email_verified": boolean } }
  }
  "POST /api/auth/refresh": {
    path: undefined
    query: undefined
    body: undefined
    reply: { "access_token": string; "token_type": "bearer" }
  }
  "POST /api/auth/logout": {
    path: undefined
    query: undefined
    body: undefined
    reply: { "ok": boolean; "message": string }
  }
  "POST /api/auth/logout-all": {
    path: undefined
    query: undefined
    body: undefined
    reply: { "ok": boolean; "message": string; "revoked": number }
  }
  "GET /api/auth/csrf": {
    path: undefined
    query: undefined
    body: undefined
    reply: { "csrf_token": string }
  }
  "GET /api/auth/sessions": {
    path: undefined
    query: undefined
    body: undefined
    reply: ({ "id": number; "created_at": string; "last_used_at": string; "expires_at": string; "ip": (string) | (null); "user_agent": (string) | (null); "current": boolean })[]
  }
  "DELETE /api/auth/sessions/{id}": {
    path: { "id": number }
    query: undefined
    body: undefined
    reply: { "ok": boolean; "message": string }
  }
  "GET /api/auth/me": {
    path: undefined
    query: undefined
    body: undefined
    reply: { "id": number; "email": string; "name": string; "is_admin": boolean }
  }
  "GET /api/me": {
    path: undefined
    query: undefined
    body: undefined
    reply: { "id": number; "name": string; "email": string; "phone_number": (string) | (null); "role": "manager" | "technical_team" | "support_staff" | "customer"; "is_admin": boolean; "is_active": boolean; "email_verified": boolean; "last_login_at": (string) | (null); "created_at": string }
  }
  "PUT /api/user/profile": {
    path: undefined
    query: undefined
    body: { "name"?: string; "phone_number"?: (string) | (null) }
    reply: { "message": string; "id": number; "name": string; "email": string; "phone_number": (string) | (null); "role": "manager" | "technical_team" | "support_staff" | "customer"; "is_admin": boolean; "is_active": boolean; "email_verified": boolean; "last_login_at": (string) | (null); "created_at": string }
  }
  "POST /api/user/password": {
    path: undefined
    query: undefined
    body: { "current_password": string; "new_password": string; "confirm_password": string }
    reply: { "message": string }
  }
  "GET /setup": {
    path: undefined
    query: { "token"?: string }
    body: undefined
    reply: string
  }
  "POST /api/setup": {
    path: undefined
    query: undefined
    body: { "token": string; "email": string; "name": string; "password": string }
    reply: { "access_token": string; "token_type": "bearer"; "user": { "id": number; "name": string; "email": string; "is_admin": boolean } }
  }
  "GET /api/automations/marketplace": {
    path: undefined
    query: { "limit"?: number; "cursor"?: string }
    body: undefined
    reply: ({ "id": number; "name": string; "description": string; "pricing_type": string; "price_per_token": number; "currency": string; "demo_tokens": number; "health_status": "unknown" | "healthy" | "degraded" | "unhealthy"; "is_listed": boolean; "created_at": string })[]
  }
  "GET /api/automations/available": {
    path: undefined
    query: { "limit"?: number; "cursor"?: string }
    body: undefined
    reply: ({ "id": number; "name": string; "description": string; "pricing_type": string; "price_per_token": number; "currency": string; "demo_tokens": number; "health_status": "unknown" | "healthy" | "degraded" | "unhealthy"; "is_listed": boolean; "created_at": string })[]
  }
  "GET /api/automations/{id}": {
    path: { "id": number }
    query: undefined
    body: undefined
    reply: { "id": number; "name": string; "description": string; "pricing_type": string; "price_per_token": number; "currency": string; "demo_tokens": number; "health_status": "unknown" | "healthy" | "degraded" | "unhealthy"; "is_listed": boolean; "created_at": string }
  }
  "POST /api/automation-usage/consume": {
    path: undefined
    query: undefined
    body: { "user_automation_id": number; "units": number; "usage_type": string; "meta"?: (Record<string, unknown>) | (null) }
    reply: { "accepted": boolean; "remaining_demo_tokens": number; "remaining_paid_tokens": number; "message": string; "code": (string) | (null); "usage_id": (number) | (null) }
  }
  "POST /api/automation-usage/consume/batch": {
    path: undefined
    query: undefined
    body: { "events": ({ "user_automation_id": number; "units": number; "usage_type": string; "meta"?: (Record<string, unknown>) | (null); "idempotency_key": string; "occurred_at"?: string })[] }
    reply: { "results": (({ "accepted": boolean; "remaining_demo_tokens": number; "remaining_paid_tokens": number; "message": string; "code": (string) | (null); "usage_id": (number) | (null) }) | ({ "accepted": false; "code": string; "message": string; "usage_id": null }))[] }
  }
  "GET /api/automation-usage/balance": {
    path: undefined
    query: { "user_automation_id": number }
    body: undefined
    reply: { "user_automation_id": number; "remaining_demo_tokens": number; "remaining_paid_tokens": number; "tokens_remaining": number }
  }
  "GET /api/user/automations": {
    path: undefined
    query: { "limit"?: number; "cursor"?: string }
    body: undefined
    reply: ({ "id": number; "automation_id": number; "name": string; "description": string; "pricing_type": string; "price_per_token": number; "currency": string; "dashboard_url": (string) | (null); "health_status": string; "status": "active" | "paused" | "cancelled"; "integration_status": "not_configured" | "pending" | "connected" | "failed"; "tokens_remaining": number; "demo_tokens": number; "paid_tokens": number; "is_demo_active": boolean; "demo_expired": boolean; "webhook_url": (string) | (null); "has_telegram_bot_token": boolean; "provisioned_at": (string) | (null); "created_at": string })[]
  }
  "POST /api/user/automations": {
    path: undefined
    query: undefined
    body: { "automation_id": number; "telegram_bot_token"?: (string) | (null) }
    reply: { "message": string; "user_automation": { "id": number; "automation_id": number; "user_id": number; "status": "active" | "paused" | "cancelled"; "integration_status": "not_configured" | "pending" | "connected" | "failed"; "tokens_remaining": number; "demo_tokens": number; "paid_tokens": number; "is_demo_active": boolean; "demo_expired": boolean; "webhook_url": (string) | (null); "has_telegram_bot_token": boolean; "provisioned_at": (string) | (null); "created_at": string }; "automation": { "id": number; "name": string; "description": string; "pricing_type": string; "price_per_token": number; "currency": string; "demo_tokens": number; "health_status": "unknown" | "healthy" | "degraded" | "unhealthy"; "is_listed": boolean; "created_at": string; "dashboard_url": (string) | (null) } }
  }
  "GET /api/user/automations/active": {
    path: undefined
    query: { "limit"?: number; "cursor"?: string }
    body: undefined
    reply: ({ "id": number; "automation_id": number; "automation_name": string; "automation_description": string; "status": "active" | "paused" | "cancelled"; "integration_status": "not_configured" | "pending" | "connected" | "failed"; "tokens_remaining": number; "demo_tokens": number; "paid_tokens": number; "is_demo_active": boolean; "demo_expired": boolean; "webhook_url": (string) | (null); "has_telegram_bot_token": boolean; "provisioned_at": (string) | (null); "created_at": string })[]
  }
  "GET /api/user/automations/{id}": {
    path: { "id": number }
    query: undefined
    body: undefined
    reply: { "has_access": boolean; "message"?: string; "automation"?: { "id": number; "name": string; "description": string; "pricing_type": string; "price_per_token": number; "currency": string; "demo_tokens": number; "health_status": "unknown" | "healthy" | "degraded" | "unhealthy"; "is_listed": boolean; "created_at": string; "dashboard_url": (string) | (null) }; "user_automation"?: { "id": number; "automation_id": number; "user_id": number; "status": "active" | "paused" | "cancelled"; "integration_status": "not_configured" | "pending" | "connected" | "failed"; "tokens_remaining": number; "demo_tokens": number; "paid_tokens": number; "is_demo_active": boolean; "demo_expired": boolean; "webhook_url": (string) | (null); "has_telegram_bot_token": boolean; "provisioned_at": (string) | (null); "created_at": string } }
  }
  "POST /api/user/automations/{id}": {
    path: { "id": number }
    query: undefined
    body: { "telegram_bot_token"?: (string) | (null) }
    reply: { "message": string; "user_automation": { "id": number; "automation_id": number; "user_id": number; "status": "active" | "paused" | "cancelled"; "integration_status": "not_configured" | "pending" | "connected" | "failed"; "tokens_remaining": number; "demo_tokens": number; "paid_tokens": number; "is_demo_active": boolean; "demo_expired": boolean; "webhook_url": (string) | (null); "has_telegram_bot_token": boolean; "provisioned_at": (string) | (null); "created_at": string }; "automation": { "id": number; "name": string; "description": string; "pricing_type": string; "price_per_token": number; "currency": string; "demo_tokens": number; "health_status": "unknown" | "healthy" | "degraded" | "unhealthy"; "is_listed": boolean; "created_at": string; "dashboard_url": (string) | (null) } }
  }
  "PUT /api/user/automations/{id}": {
    path: { "id": number }
    query: undefined
    body: { "telegram_bot_token"?: (string) | (null); "status"?: "active" | "paused" }
    reply: { "message": string; "user_automation": { "id": number; "automation_id": number; "user_id": number; "status": "active" | "paused" | "cancelled"; "integration_status": "not_configured" | "pending" | "connected" | "failed"; "tokens_remaining": number; "demo_tokens": number; "paid_tokens": number; "is_demo_active": boolean; "demo_expired": boolean; "webhook_url": (string) | (null); "has_telegram_bot_token": boolean; "provisioned_at": (string) | (null); "created_at": string }; "automation": { "id": number; "name": string; "description": string; "pricing_type": string; "price_per_token": number; "currency": string; "demo_tokens": number; "health_status": "unknown" | "healthy" | "degraded" | "unhealthy"; "is_listed": boolean; "created_at": string; "dashboard_url": (string) | (null) } }
  }
  "POST /api/user/automations/{id}/provision": {
    path: { "id": number }
    query: undefined
    body: Record<string, unknown>
    reply: { "success": boolean; "message": string; "webhook_url": (string) | (null); "user_automation": { "id": number; "automation_id": number; "user_id": number; "status": "active" | "paused" | "cancelled"; "integration_status": "not_configured" | "pending" | "connected" | "failed"; "tokens_remaining": number; "demo_tokens": number; "paid_tokens": number; "is_demo_active": boolean; "demo_expired": boolean; "webhook_url": (string) | (null); "has_telegram_bot_token": boolean; "provisioned_at": (string) | (null); "created_at": string } }
  }
  "GET /api/user/usage": {
    path: undefined
    query: { "range"?: "7d" | "6m" }
    body: undefined
    reply: ({ "total_tokens_remaining": number; "total_demo_tokens": number; "recent_usage": ({ "id": number; "tokens_used": number; "usage_type": string; "description": string; "created_at": string })[] }) | (({ "day": string; "tokens": number; "sessions": number })[]) | (({ "month": string; "value": number })[])
  }
  "GET /api/user/usage/distribution": {
    path: undefined
    query: undefined
    body: undefined
    reply: ({ "user_automation_id": number; "automation_id": number; "automation_name": string; "tokens_remaining": number; "tokens_used": number; "total_tokens": number })[]
  }
  "GET /api/user/usage/days": {
    path: undefined
    query: { "from"?: string; "to"?: string; "user_automation_id"?: number }
    body: undefined
    reply: { "days": ({ "day": string; "tokens": number; "sessions": number })[] }
  }
  "GET /api/user/usage/events": {
    path: undefined
    query: { "limit"?: number; "cursor"?: string; "from"?: string; "to"?: string }
    body: undefined
    reply: { "usage": ({ "id": number; "tokens_used": number; "usage_type": string; "description": string; "created_at": string })[]; "next_cursor": (string) | (null) }
  }
  "GET /api/user/usage/export": {
    path: undefined
    query: { "from"?: string; "to"?: string }
    body: undefined
    reply: string
  }
  "GET /api/user/dashboard": {
    path: undefined
    query: undefined
    body: undefined
    reply: { "user": { "id": number; "name": string; "email": string }; "automations": ({ "id": number; "automation_id": number; "name": string; "description": string; "pricing_type": string; "price_per_token": number; "currency": string; "status": string; "integration_status": string; "tokens_remaining": number; "demo_tokens": number; "paid_tokens": number; "is_demo_active": boolean; "demo_expired": boolean; "dashboard_url": (string) | (null); "created_at": string })[]; "total_demo_tokens": number; "total_paid_tokens": number; "has_active_demo": boolean; "has_expired_demo": boolean }
  }
}
