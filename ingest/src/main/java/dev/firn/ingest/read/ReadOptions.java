package dev.firn.ingest.read;

import dev.firn.ingest.value.DateOrder;
import java.util.List;
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
    @Nullable DateOrder dateOrder) {

  public static final ReadOptions DEFAULT =
      new ReadOptions(null, null, '"', true, null, null, null, 0, null);

  public ReadOptions {
    columnNames = columnNames == null ? null : List.copyOf(columnNames);
  }

  public ReadOptions format(@Nullable InputFormat value) {
    return new ReadOptions(
        value, delimiter, quote, header, nullText, columnNames, recordsAt, sampleRows, dateOrder);
  }

  public ReadOptions delimiter(@Nullable Character value) {
    return new ReadOptions(
        format, value, quote, header, nullText, columnNames, recordsAt, sampleRows, dateOrder);
  }

  public ReadOptions quote(char value) {
    return new ReadOptions(
        format, delimiter, value, header, nullText, columnNames, recordsAt, sampleRows, dateOrder);
  }

  public ReadOptions header(boolean value) {
    return new ReadOptions(
        format, delimiter, quote, value, nullText, columnNames, recordsAt, sampleRows, dateOrder);
  }

  public ReadOptions nullText(@Nullable String value) {
    return new ReadOptions(
        format, delimiter, quote, header, value, columnNames, recordsAt, sampleRows, dateOrder);
  }

  public ReadOptions columnNames(@Nullable List<String> value) {
    return new ReadOptions(
        format, delimiter, quote, header, nullText, value, recordsAt, sampleRows, dateOrder);
  }

  public ReadOptions recordsAt(@Nullable String value) {
    return new ReadOptions(
        format, delimiter, quote, header, nullText, columnNames, value, sampleRows, dateOrder);
  }

  public ReadOptions sampleRows(long value) {
    return new ReadOptions(
        format, delimiter, quote, header, nullText, columnNames, recordsAt, value, dateOrder);
  }

  public ReadOptions dateOrder(@Nullable DateOrder value) {
    return new ReadOptions(
        format, delimiter, quote, header, nullText, columnNames, recordsAt, sampleRows, value);
  }
}
