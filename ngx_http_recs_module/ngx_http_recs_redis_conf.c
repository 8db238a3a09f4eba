/*
 * Copyright (C) recs authors
 */

#include "ngx_http_recs_link.h"


#define NGX_HTTP_RECS_REDIS_PORT      6379
#define NGX_HTTP_RECS_REDIS_PATH_MAX  107       /* hiredis cuts the rest */
#define NGX_HTTP_RECS_PASSWORD_MAX    512
#define NGX_HTTP_RECS_SESSIONS_TTL    3600      /* s */
#define NGX_HTTP_RECS_SESSION_WAIT    10        /* ms */


static char *ngx_http_recs_redis_address(ngx_conf_t *cf,
    ngx_http_recs_redis_t *redis, ngx_str_t *value);
static char *ngx_http_recs_redis_resolve(ngx_conf_t *cf,
    ngx_http_recs_redis_t *redis, ngx_str_t *value);
static char *ngx_http_recs_redis_option(ngx_conf_t *cf,
    ngx_http_recs_redis_t *redis, ngx_str_t *value);
static ngx_int_t ngx_http_recs_redis_sessions(ngx_http_recs_redis_t *redis,
    ngx_str_t *value);
static char *ngx_http_recs_redis_password(ngx_conf_t *cf,
    ngx_http_recs_redis_t *redis, ngx_str_t *file);
static ngx_int_t ngx_http_recs_redis_key(ngx_conf_t *cf, ngx_str_t *key,
    ngx_str_t *stream, const char *suffix);


char *
ngx_http_recs_redis(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_recs_main_conf_t *rmcf = conf;

    char                   *rv;
    ngx_str_t              *value;
    ngx_uint_t              i;
    ngx_http_recs_redis_t  *redis;

    if (rmcf->redis) {
        return "is duplicate";
    }

    redis = ngx_pcalloc(cf->pool, sizeof(ngx_http_recs_redis_t));
    if (redis == NULL) {
        return NGX_CONF_ERROR;
    }

    value = cf->args->elts;

    redis->rmcf = rmcf;
    redis->name = value[1];
    ngx_str_set(&redis->stream, "recs:events");
    redis->ttl = NGX_HTTP_RECS_SESSIONS_TTL;
    redis->wait = NGX_HTTP_RECS_SESSION_WAIT;

    rv = ngx_http_recs_redis_address(cf, redis, &value[1]);

    for (i = 2; rv == NGX_CONF_OK && i < cf->args->nelts; i++) {
        rv = ngx_http_recs_redis_option(cf, redis, &value[i]);
    }

    if (rv != NGX_CONF_OK) {
        return rv;
    }

    if (redis->user.len && redis->password.len == 0) {
        return "has a user without a password_file";
    }

    if (ngx_http_recs_redis_key(cf, &redis->positions, &redis->stream,
                                ":positions")
        != NGX_OK
        || ngx_http_recs_redis_key(cf, &redis->wanted, &redis->stream,
                                   ":wanted")
           != NGX_OK
        || ngx_http_recs_redis_key(cf, &redis->sessions, &redis->stream,
                                   ":session:")
           != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    rmcf->redis = redis;

    return NGX_CONF_OK;
}


static char *
ngx_http_recs_redis_address(ngx_conf_t *cf, ngx_http_recs_redis_t *redis,
    ngx_str_t *value)
{
    if (ngx_strncasecmp(value->data, (u_char *) "rediss:", 7) == 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "recs_redis has no TLS, connect \"%V\" through "
                           "a local proxy such as stunnel", value);
        return NGX_CONF_ERROR;
    }

    if (ngx_strstr(value->data, "://")) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "recs_redis takes unix:PATH or ADDRESS[:PORT], "
                           "not the URL \"%V\"", value);
        return NGX_CONF_ERROR;
    }

    if (ngx_strncmp(value->data, "unix:", 5) != 0) {
        return ngx_http_recs_redis_resolve(cf, redis, value);
    }

    redis->host.data = value->data + 5;
    redis->host.len = value->len - 5;

    if (redis->host.len == 0
        || redis->host.len > NGX_HTTP_RECS_REDIS_PATH_MAX)
    {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "the path in \"%V\" is empty or too long", value);
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


/* Names are resolved here and never again: a look-up would block a worker. */

static char *
ngx_http_recs_redis_resolve(ngx_conf_t *cf, ngx_http_recs_redis_t *redis,
    ngx_str_t *value)
{
    u_char    *p;
    ngx_url_t  u;

    ngx_memzero(&u, sizeof(ngx_url_t));

    u.url = *value;
    u.default_port = NGX_HTTP_RECS_REDIS_PORT;

    if (ngx_parse_url(cf->pool, &u) != NGX_OK) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "%s in recs_redis \"%V\"",
                           u.err ? u.err : "error", value);
        return NGX_CONF_ERROR;
    }

    if (u.naddrs == 0) {
        return "has no address";
    }

    p = ngx_pnalloc(cf->pool, NGX_SOCKADDR_STRLEN + 1);
    if (p == NULL) {
        return NGX_CONF_ERROR;
    }

    redis->host.data = p;
    redis->host.len = ngx_sock_ntop(u.addrs[0].sockaddr, u.addrs[0].socklen,
                                    p, NGX_SOCKADDR_STRLEN, 0);
    redis->host.data[redis->host.len] = '\0';
    redis->port = ngx_inet_get_port(u.addrs[0].sockaddr);

    return NGX_CONF_OK;
}


static char *
ngx_http_recs_redis_option(ngx_conf_t *cf, ngx_http_recs_redis_t *redis,
    ngx_str_t *value)
{
    ngx_str_t  s;

    if (ngx_strncmp(value->data, "stream=", 7) == 0 && value->len > 7) {
        redis->stream.data = value->data + 7;
        redis->stream.len = value->len - 7;
        return NGX_CONF_OK;
    }

    if (ngx_strncmp(value->data, "user=", 5) == 0 && value->len > 5) {
        redis->user.data = value->data + 5;
        redis->user.len = value->len - 5;
        return NGX_CONF_OK;
    }

    if (ngx_strncmp(value->data, "password_file=", 14) == 0
        && value->len > 14)
    {
        s.data = value->data + 14;
        s.len = value->len - 14;
        return ngx_http_recs_redis_password(cf, redis, &s);
    }

    if (ngx_strncmp(value->data, "db=", 3) == 0) {
        redis->db.data = value->data + 3;
        redis->db.len = value->len - 3;

        if (ngx_atoi(redis->db.data, redis->db.len) != NGX_ERROR) {
            return NGX_CONF_OK;
        }
    }

    if (ngx_http_recs_redis_sessions(redis, value) == NGX_OK) {
        return NGX_CONF_OK;
    }

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "invalid parameter \"%V\"",
                       value);

    return NGX_CONF_ERROR;
}


static ngx_int_t
ngx_http_recs_redis_sessions(ngx_http_recs_redis_t *redis, ngx_str_t *value)
{
    ngx_int_t  n;
    ngx_str_t  s;

    if (ngx_strcmp(value->data, "sessions=off") == 0) {
        redis->ttl = 0;
        return NGX_OK;
    }

    if (ngx_strncmp(value->data, "sessions=", 9) == 0) {
        s.data = value->data + 9;
        s.len = value->len - 9;

        n = ngx_parse_time(&s, 1);
        redis->ttl = n;

        return (n > 0) ? NGX_OK : NGX_ERROR;
    }

    if (ngx_strncmp(value->data, "session_wait=", 13) == 0) {
        s.data = value->data + 13;
        s.len = value->len - 13;

        n = ngx_parse_time(&s, 0);
        redis->wait = n;

        return (n >= 0 && n <= 1000) ? NGX_OK : NGX_ERROR;
    }

    return NGX_ERROR;
}


/* The first line of a file; it is never logged. */

static char *
ngx_http_recs_redis_password(ngx_conf_t *cf, ngx_http_recs_redis_t *redis,
    ngx_str_t *file)
{
    u_char    *p;
    ssize_t    n;
    ngx_fd_t   fd;

    if (ngx_conf_full_name(cf->cycle, file, 1) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    fd = ngx_open_file(file->data, NGX_FILE_RDONLY, NGX_FILE_OPEN, 0);

    if (fd == NGX_INVALID_FILE) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, ngx_errno,
                           ngx_open_file_n " \"%V\" failed", file);
        return NGX_CONF_ERROR;
    }

    p = ngx_pnalloc(cf->pool, NGX_HTTP_RECS_PASSWORD_MAX);

    n = p ? ngx_read_fd(fd, p, NGX_HTTP_RECS_PASSWORD_MAX) : -1;

    (void) ngx_close_file(fd);

    if (n == -1) {
        return "cannot read its password_file";
    }

    redis->password.data = p;

    while (redis->password.len < (size_t) n
           && p[redis->password.len] != LF && p[redis->password.len] != CR)
    {
        redis->password.len++;
    }

    if (redis->password.len == 0
        || redis->password.len == NGX_HTTP_RECS_PASSWORD_MAX)
    {
        return "has a password_file that is empty or too long";
    }

    return NGX_CONF_OK;
}


static ngx_int_t
ngx_http_recs_redis_key(ngx_conf_t *cf, ngx_str_t *key, ngx_str_t *stream,
    const char *suffix)
{
    key->len = stream->len + ngx_strlen(suffix);

    key->data = ngx_pnalloc(cf->pool, key->len);
    if (key->data == NULL) {
        return NGX_ERROR;
    }

    (void) ngx_sprintf(key->data, "%V%s", stream, suffix);

    return NGX_OK;
}
