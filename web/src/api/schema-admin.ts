// Generated from openapi.json by `npm run web:api`. Don't edit.

export interface AdminApi {
  "GET /api/admin/system/status": {
    path: undefined
    query: undefined
    body: undefined
    reply: { "status": "healthy" | "degraded" | "unhealthy"; "checks": { "database": "ok" | "failed" | "not used"; "queue": "ok" | "failed" | "not used"; "cache_bus": "ok" | "failed" | "not used" }; "node": string; "version": string; "bun_version": string; "now": string; "started_at": string; "uptime_s": number; "is_draining": boolean; "database": ({ "kind": "sqlite" | "postgres"; "version": string; "size_bytes": number; "wal_bytes": (number) | (null); "free_bytes": (number) | (null); "connections": ({ "open": number; "server_max": number }) | (null); "migrations": (string)[]; "answer_ms": number }) | (null); "database_load": { "waiting": number; "pool": ({ "max": number; "in_use": number }) | (null) }; "caches": ({ "name": string; "entries": number; "bytes": number; "hits": number; "misses": number; "shared": number; "stale": number; "expired": number; "evictions": number })[]; "ledger": { "pending_operations": number }; "jobs": ({ "queued": number; "running": number; "failed": number; "is_overdue": boolean }) | (null); "memory": { "resident_bytes": number; "heap_bytes": number; "external_bytes": number; "system_bytes": number; "percent": number }; "cpu": { "percent": number; "processors": number; "load_average": (number)[] }; "disk": { "free_bytes": number; "total_bytes": number }; "performance": ({ "recorded_since": (string) | (null); "missed_targets": (string)[] }) | (null) }
  }
  "GET /api/admin/users/managers": {
    path: undefined
    query: { "search"?: string; "role"?: "manager" | "technical_team" | "support_staff"; "is_active"?: boolean; "limit"?: number; "offset"?: number }
    body: undefined
    reply: { "total_count": number; "managers": ({ "id": number; "name": string; "email": string; "phone_number": (string) | (null); "role": "manager" | "technical_team" | "support_staff" | "customer"; "is_admin": boolean; "is_active": boolean; "email_verified": boolean; "last_login_at": (string) | (null); "created_at": string })[]; "limit": number; "offset": number }
  }
  "POST /api/admin/users/managers": {
    path: undefined
    query: undefined
    body: { "email": string; "name": string; "role": "manager" | "technical_team" | "support_staff"; "password": string; "phone_number"?: (string) | (null) }
    reply: { "message": string; "id": number; "name": string; "email": string; "phone_number": (string) | (null); "role": "manager" | "technical_team" | "support_staff" | "customer"; "is_admin": boolean; "is_active": boolean; "email_verified": boolean; "last_login_at": (string) | (null); "created_at": string }
  }
  "GET /api/admin/users/managers/stats": {
    path: undefined
    query: undefined
    body: undefined
    reply: { "total": number; "active": number; "inactive": number; "by_role": { "manager": { "total": number; "active": number }; "technical_team": { "total": number; "active": number }; "support_staff": { "total": number; "active": number } } }
  }
  "GET /api/admin/users/managers/{id}": {
    path: { "id": number }
    query: undefined
    body: undefined
    reply: { "id": number; "name": string; "email": string; "phone_number": (string) | (null); "role": "manager" | "technical_team" | "support_staff" | "customer"; "is_admin": boolean; "is_active": boolean; "email_verified": boolean; "last_login_at": (string) | (null); "created_at": string }
  }
  "PUT /api/admin/users/managers/{id}": {
    path: { "id": number }
    query: undefined
    body: { "name"?: string; "email"?: string; "phone_number"?: (string) | (null) }
    reply: { "message": string; "id": number; "name": string; "email": string; "phone_number": (string) | (null); "role": "manager" | "technical_team" | "support_staff" | "customer"; "is_admin": boolean; "is_active": boolean; "email_verified": boolean; "last_login_at": (string) | (null); "created_at": string }
  }
  "DELETE /api/admin/users/managers/{id}": {
    path: { "id": number }
    query: undefined
    body: undefined
    reply: { "message": string; "id": number; "name": string; "email": string; "phone_number": (string) | (null); "role": "manager" | "technical_team" | "support_staff" | "customer"; "is_admin": boolean; "is_active": boolean; "email_verified": boolean; "last_login_at": (string) | (null); "created_at": string }
  }
  "POST /api/admin/users/managers/bulk-deactivate": {
    path: undefined
    query: undefined
    body: { "ids": (number)[] }
    reply: { "message": string; "deactivated": (number)[]; "unchanged": (number)[] }
  }
  "PUT /api/admin/users/managers/{id}/role": {
    path: { "id": number }
    query: undefined
    body: { "role": "manager" | "technical_team" | "support_staff" | "customer" }
    reply: { "message": string; "id": number; "name": string; "email": string; "phone_number": (string) | (null); "role": "manager" | "technical_team" | "support_staff" | "customer"; "is_admin": boolean; "is_active": boolean; "email_verified": boolean; "last_login_at": (string) | (null); "created_at": string }
  }
  "PUT /api/admin/users/managers/{id}/activate": {
    path: { "id": number }
    query: undefined
    body: undefined
    reply: { "message": string; "id": number; "name": string; "email": string; "phone_number": (string) | (null); "role": "manager" | "technical_team" | "support_staff" | "customer"; "is_admin": boolean; "is_active": boolean; "email_verified": boolean; "last_login_at": (string) | (null); "created_at": string }
  }
  "GET /api/admin/automations": {
    path: undefined
    query: { "search"?: string; "is_listed"?: boolean; "health_status"?: "unknown" | "healthy" | "degraded" | "unhealthy"; "limit"?: number; "cursor"?: string }
    body: undefined
    reply: { "automations": ({ "id": number; "name": string; "description": string; "pricing_type": string; "price_per_token": number; "currency": string; "demo_tokens": number; "health_status": "unknown" | "healthy" | "degraded" | "unhealthy"; "is_listed": boolean; "created_at": string; "is_on_sale": boolean; "provision_url": (string) | (null); "health_check_url": (string) | (null); "dashboard_url": (string) | (null); "health_details": ({ "message": string; "http_status": (number) | (null); "service_status": (string) | (null); "version": (string) | (null); "uptime": (string) | (null) }) | (null); "last_health_at": (string) | (null); "updated_at": string })[]; "next_cursor": (string) | (null) }
  }
  "POST /api/admin/automations": {
    path: undefined
    query: undefined
    body: { "name": string; "description": string; "pricing_type": "token_per_session" | "token_per_step" | "flat_fee"; "price_per_token": number; "currency"?: string; "demo_tokens"?: number; "provision_url"?: (string) | (null); "health_check_url"?: (string) | (null); "dashboard_url"?: (string) | (null); "is_listed"?: boolean }
    reply: { "id": number; "name": string; "description": string; "pricing_type": string; "price_per_token": number; "currency": string; "demo_tokens": number; "health_status": "unknown" | "healthy" | "degraded" | "unhealthy"; "is_listed": boolean; "created_at": string; "is_on_sale": boolean; "provision_url": (string) | (null); "health_check_url": (string) | (null); "dashboard_url": (string) | (null); "health_details": ({ "message": string; "http_status": (number) | (null); "service_status": (string) | (null); "version": (string) | (null); "uptime": (string) | (null) }) | (null); "last_health_at": (string) | (null); "updated_at": string }
  }
  "GET /api/admin/automations/{id}": {
    path: { "id": number }
    query: undefined
    body: undefined
    reply: { "id": number; "name": string; "description": string; "pricing_type": string; "price_per_token": number; "currency": string; "demo_tokens": number; "health_status": "unknown" | "healthy" | "degraded" | "unhealthy"; "is_listed": boolean; "created_at": string; "is_on_sale": boolean; "provision_url": (string) | (null); "health_check_url": (string) | (null); "dashboard_url": (string) | (null); "health_details": ({ "message": string; "http_status": (number) | (null); "service_status": (string) | (null); "version": (string) | (null); "uptime": (string) | (null) }) | (null); "last_health_at": (string) | (null); "updated_at": string }
  }
  "PUT /api/admin/automations/{id}": {
    path: { "id": number }
    query: undefined
    body: { "name"?: string; "description"?: string; "pricing_type"?: "token_per_session" | "token_per_step" | "flat_fee"; "price_per_token"?: number; "currency"?: string; "demo_tokens"?: number; "provision_url"?: (string) | (null); "health_check_url"?: (string) | (null); "dashboard_url"?: (string) | (null); "is_listed"?: boolean }
    reply: { "id": number; "name": string; "description": string; "pricing_type": string; "price_per_token": number; "currency": string; "demo_tokens": number; "health_status": "unknown" | "healthy" | "degraded" | "unhealthy"; "is_listed": boolean; "created_at": string; "is_on_sale": boolean; "provision_url": (string) | (null); "health_check_url": (string) | (null); "dashboard_url": (string) | (null); "health_details": ({ "message": string; "http_status": (number) | (null); "service_status": (string) | (null); "version": (string) | (null); "uptime": (string) | (null) }) | (null); "last_health_at": (string) | (null); "updated_at": string }
  }
  "DELETE /api/admin/automations/{id}": {
    path: { "id": number }
    query: undefined
    body: undefined
    reply: { "message": string }
  }
  "POST /api/admin/automations/{id}/generate-service-token": {
    path: { "id": number }
    query: undefined
    body: { "scopes"?: ("consume")[] }
    reply: { "service_token": string; "token_id": number; "prefix": string; "automation_id": number; "scopes": (string)[]; "message": string }
  }
  "POST /api/admin/automations/{id}/rotate-token": {
    path: { "id": number }
    query: undefined
    body: { "overlap_seconds"?: number }
    reply: { "service_token": string; "token_id": number; "prefix": string; "automation_id": number; "scopes": (string)[]; "message": string; "ending_token_ids": (number)[]; "ending_at": string }
  }
  "GET /api/admin/automations/{id}/service-tokens": {
    path: { "id": number }
    query: { "limit"?: number; "cursor"?: string }
    body: undefined
    reply: { "service_tokens": ({ "id": number; "prefix": string; "scopes": (string)[]; "is_live": boolean; "created_by": (number) | (null); "created_at": string; "last_used_at": (string) | (null); "expires_at": (string) | (null); "revoked_at": (string) | (null) })[]; "next_cursor": (string) | (null) }
  }
  "DELETE /api/admin/automations/{id}/service-tokens/{tokenId}": {
    path: { "id": number; "tokenId": number }
    query: undefined
    body: undefined
    reply: { "message": string; "token_id": number }
  }
  "POST /api/admin/automations/{id}/health-check": {
    path: { "id": number }
    query: undefined
    body: Record<string, unknown>
    reply: { "automation_id": number; "health_status": "unknown" | "healthy" | "degraded" | "unhealthy"; "is_listed": boolean; "last_health_at": string; "details": { "message": string; "http_status": (number) | (null); "service_status": (string) | (null); "version": (string) | (null); "uptime": (string) | (null) } }
  }
  "POST /api/admin/tokens/adjust": {
    path: undefined
    query: undefined
    body: { "user_automation_id": number; "delta_tokens": number; "reason": string; "note"?: string; "kind"?: "adjustment" | "paid" | "promotional"; "expires_at"?: string; "idempotency_key"?: string }
    reply: { "message": string; "adjustment": { "id": number; "user_automation_id": number; "delta_tokens": number; "reason": string; "note": (string) | (null); "staff_id": (number) | (null); "balance_after": number; "kind": ("adjustment" | "paid" | "promotional") | (null); "expires_at": (string) | (null); "created_at": string } }
  }
  "POST /api/admin/usage/{id}/reverse": {
    path: { "id": number }
    query: undefined
    body: { "reason": string }
    reply: { "message": string; "reversal": { "id": number; "reverses_id": number; "user_automation_id": number; "tokens": number; "remaining_demo_tokens": number; "remaining_paid_tokens": number; "created_at": string } }
  }
  "GET /api/admin/tokens/history": {
    path: undefined
    query: { "user_automation_id"?: number; "from"?: string; "to"?: string; "limit"?: number; "cursor"?: string }
    body: undefined
    reply: { "adjustments": ({ "id": number; "user_automation_id": number; "delta_tokens": number; "reason": string; "note": (string) | (null); "staff_id": (number) | (null); "balance_after": number; "kind": ("adjustment" | "paid" | "promotional") | (null); "expires_at": (string) | (null); "created_at": string; "user_id": number; "user_name": string; "automation_id": number; "automation_name": string; "staff_name": (string) | (null) })[]; "next_cursor": (string) | (null) }
  }
  "GET /api/admin/tokens/stats": {
    path: undefined
    query: undefined
    body: undefined
    reply: { "total_adjustments": number; "tokens_added": number; "tokens_removed": number; "last_30_days": { "tokens_added": number; "tokens_removed": number } }
  }
  "GET /api/admin/performance": {
    path: undefined
    query: { "range"?: "5m" | "15m" | "1h" | "6h" | "24h" | "7d" | "30d"; "node"?: string }
    body: undefined
    reply: { "range": "5m" | "15m" | "1h" | "6h" | "24h" | "7d" | "30d"; "from": string; "to": string; "step_seconds": number; "node": (string) | (null); "nodes": (string)[]; "status": "pass" | "fail" | "no_data"; "plan": ({ "name": string; "target": (number) | (null); "bound": ("below" | "above") | (null); "value": (number) | (null); "unit": "ms" | "%" | "MB" | "count"; "status": "pass" | "fail" | "no_data"; "endpoint": (string) | (null); "series": ({ "at": string; "value": (number) | (null) })[] })[]; "endpoints": ({ "method": string; "path": string; "target_ms": (number) | (null); "count": number; "per_second": number; "errors": number; "p50_ms": number; "p95_ms": number; "p99_ms": number; "max_ms": number; "within_target_percent": number; "status": "pass" | "fail" | "no_data"; "series": ({ "at": string; "count": number; "p95_ms": (number) | (null) })[] })[]; "database": { "calls": number; "per_second": number; "failed": number; "mean_ms": (number) | (null); "p95_ms": (number) | (null); "p99_ms": (number) | (null); "max_ms": number }; "caches": ({ "name": string; "lookups": number; "hits": number; "hit_rate_percent": (number) | (null); "target": number; "status": "pass" | "fail" | "no_data"; "series": ({ "at": string; "value": (number) | (null) })[] })[]; "process": ({ "name": string; "target": (number) | (null); "bound": ("below" | "above") | (null); "value": (number) | (null); "unit": "ms" | "%" | "MB" | "count"; "status": "pass" | "fail" | "no_data"; "endpoint": (string) | (null); "series": ({ "at": string; "value": (number) | (null) })[] })[]; "misses": ({ "target": string; "goal": number; "unit": string; "worst": number; "since": string; "until": (string) | (null) })[] }
  }
  "GET /api/admin/performance/slow-queries": {
    path: undefined
    query: { "range"?: "5m" | "15m" | "1h" | "6h" | "24h" | "7d" | "30d"; "node"?: string; "sort"?: "total" | "mean" | "max"; "limit"?: number }
    body: undefined
    reply: { "range": "5m" | "15m" | "1h" | "6h" | "24h" | "7d" | "30d"; "statements": ({ "name": string; "sql": string; "calls": number; "failed": number; "total_ms": number; "mean_ms": number; "p95_ms": number; "max_ms": number; "share_of_database_time": number })[] }
  }
  "POST /api/admin/performance/slow-queries/{name}/explain": {
    path: { "name": string }
    query: undefined
    body: undefined
    reply: { "name": string; "sql": string; "plan": (string)[]; "note": (string) | (null) }
  }
  "GET /api/admin/performance/findings": {
    path: undefined
    query: undefined
    body: undefined
    reply: { "database": string; "version": string; "made_by_zimmer": boolean; "bytes": number; "wal_bytes": (number) | (null); "free_bytes": number; "settings": ({ "name": string; "value": string; "wanted": (string) | (null); "scope": string })[]; "tables": ({ "name": string; "rows": number })[]; "indexes": ({ "name": string; "table": string; "columns": (string)[]; "served_by": (string) | (null) })[]; "findings": ({ "id": string; "level": ("problem") | ("hint"); "what": string; "why": string; "advice": string; "evidence": (string)[]; "sql": (string)[]; "applied": ("always") | ("drop") | ("named") | ("never"); "estimated_bytes": (number) | (null); "writes": string })[]; "questions": ({ "finding": string; "question": string; "index": string; "sql": string; "before": { "plan": (string)[]; "ms": (number) | (null) }; "after": ({ "plan": (string)[]; "ms": (number) | (null) }) | (null) })[]; "slowest_statements": ({ "name": string; "sql": string; "calls": number; "mean_ms": number; "max_ms": number; "plan": (string)[] })[] }
  }
  "POST /api/admin/performance/findings/{id}/apply": {
    path: { "id": string }
    query: undefined
    body: Record<string, unknown>
    reply: { "database": string; "dry_run": boolean; "rehearsed": (string) | (null); "run": (number) | (null); "interrupted": boolean; "steps": ({ "finding": string; "what": string; "sql": (string)[]; "state": string; "ms": (number) | (null); "bytes": (number) | (null); "estimated_bytes": (number) | (null); "writes": string; "error": (string) | (null) })[]; "questions": ({ "finding": string; "question": string; "index": string; "sql": string; "before": { "plan": (string)[]; "ms": (number) | (null) }; "after": ({ "plan": (string)[]; "ms": (number) | (null) }) | (null) })[]; "note": (string) | (null); "left": ({ "id": string; "level": ("problem") | ("hint"); "what": string; "why": string; "advice": string; "evidence": (string)[]; "sql": (string)[]; "applied": ("always") | ("drop") | ("named") | ("never"); "estimated_bytes": (number) | (null); "writes": string })[] }
  }
  "POST /api/admin/performance/undo": {
    path: undefined
    query: undefined
    body: Record<string, unknown>
    reply: { "database": string; "run": (number) | (null); "steps": ({ "finding": string; "sql": string; "undo": (string)[]; "error": (string) | (null) })[] }
  }
  "GET /api/admin/users": {
    path: undefined
    query: { "search"?: string; "role"?: "manager" | "technical_team" | "support_staff" | "customer"; "is_active"?: boolean; "is_admin"?: boolean; "email_verified"?: boolean; "sort"?: "created_at" | "name" | "email"; "order"?: "asc" | "desc"; "limit"?: number; "cursor"?: string }
    body: undefined
    reply: { "total_count": number; "total_is_estimate": boolean; "users": ({ "id": number; "email": string; "name": string; "phone_number": (string) | (null); "role": string; "is_admin": boolean; "is_active": boolean; "email_verified": boolean; "last_login_at": (string) | (null); "created_at": string; "automations_count": number; "tokens_remaining": number })[]; "next_cursor": (string) | (null) }
  }
  "GET /api/admin/users/{id}": {
    path: { "id": number }
    query: undefined
    body: undefined
    reply: { "id": number; "email": string; "name": string; "phone_number": (string) | (null); "role": string; "is_admin": boolean; "is_active": boolean; "email_verified": boolean; "last_login_at": (string) | (null); "created_at": string; "automations_count": number; "tokens_remaining": number; "automations": ({ "id": number; "user_id": number; "user_name": string; "user_email": string; "automation_id": number; "automation_name": string; "status": string; "integration_status": string; "tokens_remaining": number; "demo_tokens": number; "paid_tokens": number; "provisioned_at": (string) | (null); "created_at": string })[]; "sessions": ({ "id": number; "ip": (string) | (null); "user_agent": (string) | (null); "created_at": string; "last_used_at": string; "expires_at": string })[]; "usage": { "recent": ({ "id": number; "tokens_used": number; "usage_type": string; "description": string; "created_at": string })[]; "reversals": ({ "id": number; "tokens_used": number; "usage_type": string; "description": string; "created_at": string })[]; "last_30_days": { "tokens": number; "events": number } }; "adjustments": ({ "id": number; "user_automation_id": number; "delta_tokens": number; "reason": string; "note": (string) | (null); "balance_after": number; "staff_id": (number) | (null); "staff_name": (string) | (null); "created_at": string })[] }
  }
  "PUT /api/admin/users/{id}": {
    path: { "id": number }
    query: undefined
    body: { "name"?: string; "phone_number"?: (string) | (null) }
    reply: { "id": number; "email": string; "name": string; "phone_number": (string) | (null); "role": string; "is_admin": boolean; "is_active": boolean; "email_verified": boolean; "last_login_at": (string) | (null); "created_at": string }
  }
  "GET /api/admin/users/{id}/timeline": {
    path: { "id": number }
    query: { "limit"?: number; "cursor"?: string }
    body: undefined
    reply: { "events": ({ "type": "sign_up" | "subscription" | "session" | "adjustment" | "staff_action" | "usage"; "id": number; "created_at": string; "details": Record<string, unknown> })[]; "next_cursor": (string) | (null) }
  }
  "POST /api/admin/users/{id}/activate": {
    path: { "id": number }
    query: undefined
    body: Record<string, unknown>
    reply: { "id": number; "email": string; "name": string; "phone_number": (string) | (null); "role": string; "is_admin": boolean; "is_active": boolean; "email_verified": boolean; "last_login_at": (string) | (null); "created_at": string }
  }
  "POST /api/admin/users/{id}/deactivate": {
    path: { "id": number }
    query: undefined
    body: Record<string, unknown>
    reply: { "id": number; "email": string; "name": string; "phone_number": (string) | (null); "role": string; "is_admin": boolean; "is_active": boolean; "email_verified": boolean; "last_login_at": (string) | (null); "created_at": string }
  }
  "GET /api/admin/users/export": {
    path: undefined
    query: { "search"?: string; "role"?: "manager" | "technical_team" | "support_staff" | "customer"; "is_active"?: boolean; "is_admin"?: boolean; "email_verified"?: boolean; "sort"?: "created_at" | "name" | "email"; "order"?: "asc" | "desc" }
    body: undefined
    reply: string
  }
  "POST /api/admin/users/bulk-status": {
    path: undefined
    query: undefined
    body: { "ids": (number)[]; "is_active": boolean }
    reply: { "message": string; "changed": (number)[]; "unchanged": (number)[] }
  }
  "GET /api/admin/dashboard": {
    path: undefined
    query: undefined
    body: undefined
    reply: { "status": "success"; "data": { "total_users": number; "total_users_is_estimate": boolean; "total_automations": number; "total_tickets": number; "system_status": string } }
  }
  "GET /api/admin/dashboard/stats": {
    path: undefined
    query: undefined
    body: undefined
    reply: { "total_users": number; "total_users_is_estimate": boolean; "active_tickets": number; "tokens_used": number; "monthly_revenue": number }
  }
  "GET /api/admin/dashboard/activity": {
    path: undefined
    query: { "limit"?: number }
    body: undefined
    reply: ({ "id": number; "type": string; "message": string; "details": Record<string, (string) | (number) | (null)>; "created_at": string })[]
  }
  "GET /api/admin/user-automations": {
    path: undefined
    query: { "status"?: "active" | "paused" | "cancelled"; "automation_id"?: number; "user_id"?: number; "limit"?: number; "cursor"?: string }
    body: undefined
    reply: { "user_automations": ({ "id": number; "user_id": number; "user_name": string; "user_email": string; "automation_id": number; "automation_name": string; "status": string; "integration_status": string; "tokens_remaining": number; "demo_tokens": number; "paid_tokens": number; "provisioned_at": (string) | (null); "created_at": string })[]; "next_cursor": (string) | (null) }
  }
  "GET /api/admin/audit": {
    path: undefined
    query: { "staff_id"?: number; "action"?: string; "target_type"?: string; "target_id"?: number; "from"?: string; "to"?: string; "limit"?: number; "cursor"?: string }
    body: undefined
    reply: { "entries": ({ "id": number; "staff": ({ "id": number; "name": string }) | (null); "action": string; "target_type": string; "target_id": (number) | (null); "before": (Record<string, unknown>) | (null); "after": (Record<string, unknown>) | (null); "ip": (string) | (null); "request_id": (string) | (null); "created_at": string })[]; "next_cursor": (string) | (null) }
  }
  "GET /api/admin/usage/stats": {
    path: undefined
    query: undefined
    body: undefined
    reply: { "today": { "tokens": number; "events": number }; "last_7_days": { "tokens": number; "events": number }; "last_30_days": { "tokens": number; "events": number }; "automations": ({ "automation_id": number; "automation_name": string; "today": { "tokens": number; "events": number }; "last_7_days": { "tokens": number; "events": number }; "last_30_days": { "tokens": number; "events": number } })[]; "recent": ({ "id": number; "tokens_used": number; "usage_type": string; "description": string; "created_at": string; "user_id": number })[] }
  }
  "GET /api/admin/usage/export": {
    path: undefined
    query: { "user_id": number; "from"?: string; "to"?: string }
    body: undefined
    reply: string
  }
  "GET /api/admin/usage/{user_id}": {
    path: { "user_id": number }
    query: { "limit"?: number; "cursor"?: string }
    body: undefined
    reply: { "user": { "id": number; "name": string; "email": string }; "total_tokens_remaining": number; "total_demo_tokens": number; "last_7_days": ({ "day": string; "tokens": number; "sessions": number })[]; "recent_usage": ({ "id": number; "tokens_used": number; "usage_type": string; "description": string; "created_at": string })[]; "next_cursor": (string) | (null) }
  }
}
