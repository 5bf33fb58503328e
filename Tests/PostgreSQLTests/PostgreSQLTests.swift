import PostgreSQL
import Testing

