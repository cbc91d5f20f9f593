# docker build -t decloss .                                     CPU
# docker build -t decloss --build-arg TORCH_INDEX=https://download.pytorch.org/whl/cu128 .      NVIDIA GPUs
# docker run -p 7860:7860 -v decloss:/data decloss              with GPUs: --gpus all
FROM python:3.12-slim

ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu

RUN useradd --create-home --uid 1000 app && install -d -o app /data

WORKDIR /app
# torch first: it is large, changes seldom, and alone comes from another index.
COPY requirements.txt .
RUN pip install --no-cache-dir --index-url "$TORCH_INDEX" "torch>=2.8,<3" "torchvision>=0.23,<1" \
    && pip install --no-cache-dir -r requirements.txt
COPY . .

USER app
ENV GRADIO_SERVER_NAME=0.0.0.0 \
    GRADIO_SERVER_PORT=7860 \
    PYTHONUNBUFFERED=1
EXPOSE 7860
# Finetunes; and, in folders that DECLOSS_CHECKPOINTS names, networks of your own.
VOLUME /data
HEALTHCHECK --interval=30s --timeout=10s --start-period=2m \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:7860/healthz', timeout=5)"]
CMD ["python", "app.py", "--data", "/data"]
