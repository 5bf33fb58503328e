import DatabaseContents
import Testing

