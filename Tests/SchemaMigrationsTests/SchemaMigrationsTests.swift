import SchemaMigrations
import Testing

