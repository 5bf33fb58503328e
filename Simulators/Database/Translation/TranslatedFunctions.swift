/// PostgreSQL functions the simulated database knows, with their SQLite names. Anything else is refused, so that a
/// statement which only SQLite would understand cannot pass.
enum TranslatedFunctions {
  static let sqliteNames: [String: String] = [
    "count": "count", "sum": "sum", "min": "min", "max": "max", "avg": "avg",
    "bool_or": "max", "bool_and": "min",
    "string_agg": "group_concat", "array_agg": "json_group_array", "json_agg": "json_group_array",
    "jsonb_agg": "json_group_array",
    "row_number": "row_number", "rank": "rank", "dense_rank": "dense_rank", "lag": "lag", "lead": "lead",
    "first_value": "first_value", "last_value": "last_value",
    "coalesce": "coalesce", "nullif": "nullif", "greatest": "greatest", "least": "least",
    "lower": "lower", "upper": "upper", "length": "length", "char_length": "length", "trim": "trim",
    "btrim": "trim", "ltrim": "ltrim", "rtrim": "rtrim", "replace": "replace", "substr": "substr",
    "substring": "substr", "strpos": "instr",
    "abs": "abs", "round": "round",
    "now": "now_us", "transaction_timestamp": "now_us", "clock_timestamp": "clock_us",
    "statement_timestamp": "clock_us",
    "gen_random_uuid": "gen_random_uuid", "uuid_generate_v4": "gen_random_uuid",
    "json_build_object": "json_object", "jsonb_build_object": "json_object",
    "json_array_length": "json_array_length", "jsonb_array_length": "json_array_length",
    "cardinality": "json_array_length",
  ]

  /// Column names PostgreSQL gives to expressions that the translator wrote with another function.
  private static let postgresNames = [
    "now_us": "now", "clock_us": "clock_timestamp", "group_concat": "string_agg",
    "json_group_array": "array_agg", "instr": "strpos", "json_object": "jsonb_build_object",
    "interval_us": "interval", "cast": "?column?",
  ]

  static func postgresName(of function: String) -> String { postgresNames[function] ?? function }
}
