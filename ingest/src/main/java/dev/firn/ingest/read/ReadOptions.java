package dev.firn.ingest.read;

import dev.firn.ingest.value.DateHints;
import dev.firn.ingest.value.DateOrder;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How files are read. Immutable; null means: find out.
 *
 * @param format the format of every input
 * @param delimiter what separates CSV fields
 * @param quote what encloses CSV fields
 * @param header whether the first CSV row holds the column names
 * @param nullText an unquoted CSV field that means null, besides the empty one
 * @param columnNames the names of CSV columns where there is no header; else {@code column_1}, …
 * @param recordsAt the member of a JSON object whose array holds the rows; "." is the object itself
 * @param sampleRows how many rows of each file decide the types; 0 means all
 * @param dateOrder what {@code 1/2/2020} means where a whole column leaves it open
 * @param dateColumns columns known to hold dates or timestamps, by dotted path; list elements are
 *     {@code a[]}
 */
public record ReadOptions(
    @Nullable InputFormat format,
    @Nullable Character delimiter,
    char quote,
    boolean header,
    @Nullable String nullText,
    @Nullable List<String> columnNames,
    @Nullable String recordsAt,
    long sampleRows,
    @Nullable DateOrder dateOrder,
    Set<String> dateColumns) {

  public static final ReadOptions DEFAULT =
      new ReadOptions(null, null, '"', true, null, null, null, 0, null, Set.of());

  public ReadOptions {
    columnNames = columnNames == null ? null : List.copyOf(columnNames);
    dateColumns = Set.copyOf(dateColumns);
  }

  public ReadOptions format(@Nullable InputFormat value) {
    return new ReadOptions(
        value,
        delimiter,
        quote,
        header,
        nullText,
        columnNames,
        recordsAt,
        sampleRows,
        dateOrder,
        dateColumns);
  }

  public ReadOptions delimiter(@Nullable Character value) {
    return new ReadOptions(
        format,
        value,
        quote,
        header,
        nullText,
        columnNames,
        recordsAt,
        sampleRows,
        dateOrder,
        dateColumns);
  }

  public ReadOptions quote(char value) {
    return new ReadOptions(
        format,
        delimiter,
        value,
        header,
        nullText,
        columnNames,
        recordsAt,
        sampleRows,
        dateOrder,
        dateColumns);
  }

  public ReadOptions header(boolean value) {
    return new ReadOptions(
        format,
        delimiter,
        quote,
        value,
        nullText,
        columnNames,
        recordsAt,
        sampleRows,
        dateOrder,
        dateColumns);
  }

  public ReadOptions nullText(@Nullable String value) {
    return new ReadOptions(
        format,
        delimiter,
        quote,
        header,
        value,
        columnNames,
        recordsAt,
        sampleRows,
        dateOrder,
        dateColumns);
  }

  public ReadOptions columnNames(@Nullable List<String> value) {
    return new ReadOptions(
        format,
        delimiter,
        quote,
        header,
        nullText,
        value,
        recordsAt,
        sampleRows,
        dateOrder,
        dateColumns);
  }

  public ReadOptions recordsAt(@Nullable String value) {
    return new ReadOptions(
        format,
        delimiter,
        quote,
        header,
        nullText,
        columnNames,
        value,
        sampleRows,
        dateOrder,
        dateColumns);
  }

  public ReadOptions sampleRows(long value) {
    return new ReadOptions(
        format,
        delimiter,
        quote,
        header,
        nullText,
        columnNames,
        recordsAt,
        value,
        dateOrder,
        dateColumns);
  }

  public ReadOptions dateOrder(@Nullable DateOrder value) {
    return new ReadOptions(
        format,
        delimiter,
        quote,
        header,
        nullText,
        columnNames,
        recordsAt,
        sampleRows,
        value,
        dateColumns);
  }

  public ReadOptions dateColumns(Set<String> value) {
    return new ReadOptions(
        format,
        delimiter,
        quote,
        header,
        nullText,
        columnNames,
        recordsAt,
        sampleRows,
        dateOrder,
        value);
  }

  DateHints dates() {
    return new DateHints(dateOrder, dateColumns);
  }
}
