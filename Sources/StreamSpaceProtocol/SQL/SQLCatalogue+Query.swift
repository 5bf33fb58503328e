extension SQLCatalogue {
  /// PostgreSQL's own words, shortened as in recording 20: `varchar` for `character varying`, no `USING`, no table name.
  static let queryText = """
    SELECT 'table' AS kind, c.relname::text AS relation, c.relname::text AS name, '' AS definition \
    FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') \
    UNION ALL \
    SELECT 'column', c.relname::text, a.attname::text, \
    replace(format_type(a.atttypid, a.atttypmod), 'character varying', 'varchar') \
    || CASE WHEN a.attnotnull THEN ' not null' ELSE '' END \
    || COALESCE(' default ' || pg_get_expr(d.adbin, d.adrelid), '') \
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped \
    LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum \
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') \
    UNION ALL \
    SELECT 'constraint', c.relname::text, k.conname::text, pg_get_constraintdef(k.oid) \
    FROM pg_class c JOIN pg_constraint k ON k.conrelid = c.oid \
    WHERE c.relnamespace = 'public'::regnamespace AND k.contype IN ('p', 'u', 'f', 'c') \
    UNION ALL \
    SELECT 'index', c.relname::text, i.relname::text, \
    CASE WHEN x.indisvalid THEN '' ELSE 'INVALID ' END || CASE WHEN x.indisunique THEN 'UNIQUE ' ELSE '' END \
    || regexp_replace(pg_get_indexdef(i.oid), '^CREATE (UNIQUE )?INDEX .* USING ', '') \
    FROM pg_class c JOIN pg_index x ON x.indrelid = c.oid JOIN pg_class i ON i.oid = x.indexrelid \
    WHERE c.relnamespace = 'public'::regnamespace \
    UNION ALL \
    SELECT 'trigger', c.relname::text, t.tgname::text, \
    regexp_replace(regexp_replace(pg_get_triggerdef(t.oid), '^CREATE TRIGGER [^ ]+ ', ''), ' ON [^ ]+ ', ' ') \
    FROM pg_class c JOIN pg_trigger t ON t.tgrelid = c.oid AND NOT t.tgisinternal \
    WHERE c.relnamespace = 'public'::regnamespace \
    UNION ALL \
    SELECT 'function', '', p.proname::text, l.lanname::text || ' returns ' || format_type(p.prorettype, NULL) \
    FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang WHERE p.pronamespace = 'public'::regnamespace \
    ORDER BY 1, 2, 3
    """
}
