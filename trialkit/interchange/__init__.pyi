from trialkit.interchange.reading import (
    READABLE_SUFFIXES as READABLE_SUFFIXES,
    read_table as read_table,
)
from trialkit.table_files.errors import (
    FileEncodingError as FileEncodingError,
    FileFormatError as FileFormatError,
)
from trialkit.table_files.table_file import (
    TableFile as TableFile,
)
