from django.http import Http404


def index(request):
    raise Http404


def join(request):
    raise Http404


def offer(request, key):
    raise Http404


def give(request, code):
    raise Http404
