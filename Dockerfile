# Topstitch as an image: one program, started as web or worker (see compose.yaml), or alone with its embedded database.
FROM python:3.13-slim
RUN useradd --system --create-home --home-dir /var/lib/topstitch topstitch
WORKDIR /opt/topstitch
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY docs docs
COPY src src
RUN pip install --no-cache-dir --constraint constraints.txt .
USER topstitch
ENV TOPSTITCH_HOME=/var/lib/topstitch TOPSTITCH_HOST=0.0.0.0
EXPOSE 8088
CMD ["topstitch", "up", "--no-practice"]
